import {durabilityFindings} from './durability.js'
import type {Finding} from './finding.js'
import type {ServerFacts} from './server-facts.js'

/** From here on memory is to be looked after, as shares of what there is. */
const memoryWarning = 0.75
const memoryError = 0.9
/** What a receiver that checks `webhook-timestamp` puts up with is 5 minutes; below a second nobody notices. */
const clockWarningMs = 30_000
const clockNoteMs = 1_000
/** A replica says every second that it is there. */
const lagWarningSeconds = 10

/** What is wrong, or will be, with the server itself. */
export function serverFindings(facts: ServerFacts): Finding[] {
  return [
    ...versionFindings(facts),
    ...durabilityFindings(facts.settings),
    ...writeFindings(facts),
    ...memoryFindings(facts),
    ...clockFindings(facts),
    ...replicationFindings(facts),
  ]
}

/** What there is to fill, in bytes: `maxmemory`, or else what the machine has. Undefined where neither is told. */
export function memoryLimit({info}: ServerFacts): {bytes: number; name: string} | undefined {
  const [maxmemory, system] = [Number(info.get('maxmemory') ?? 0), Number(info.get('total_system_memory') ?? 0)]
  if (maxmemory > 0) return {bytes: maxmemory, name: 'maxmemory'}
  return system > 0 ? {bytes: system, name: 'the memory of its machine'} : undefined
}

/** `18 MiB`. */
export function mebibytes(bytes: number): string {
  const amount = bytes / (1 << 20)
  return `${amount >= 100 ? Math.round(amount) : amount.toFixed(1)} MiB`
}

function versionFindings({info}: ServerFacts): Finding[] {
  const version = info.get('redis_version')
  if (version === undefined) return []
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 6 || (major === 6 && minor >= 2)) return []
  const message = `Redis ${version} is too old: torque needs 6.2 or later`
  return [{level: 'error', code: 'version', message, remedy: 'install a later Redis, or Valkey'}]
}

/** What the server could not write lately. */
function writeFindings({info}: ServerFacts): Finding[] {
  const failed = ['aof_last_write_status', 'aof_last_bgrewrite_status', 'rdb_last_bgsave_status'].filter(
    (name) => info.get(name) === 'err',
  )
  if (failed.length === 0) return []
  const message = `Redis could not write to its disk (${failed.join(', ')})`
  return [{level: 'error', code: 'disk', message, remedy: 'look into its log; make room on its disk'}]
}

function memoryFindings(facts: ServerFacts): Finding[] {
  const limit = memoryLimit(facts)
  const used = Number(facts.info.get('used_memory') ?? 0)
  if (!limit || used < limit.bytes * memoryWarning) return []
  const share = Math.round((used / limit.bytes) * 100)
  const message = `${mebibytes(used)} are used, ${share} % of ${limit.name}: when it is full, adds are refused as queue_full`
  const remedy = 'purge what is dead (torque purge), keep less (serve --keep-dead, --keep-delivered), or give it more memory'
  return [{level: used < limit.bytes * memoryError ? 'warning' : 'error', code: 'memory', message, remedy}]
}

function clockFindings({clockOffsetMs}: ServerFacts): Finding[] {
  const size = Math.abs(clockOffsetMs)
  if (size < clockNoteMs) return []
  const way = clockOffsetMs > 0 ? 'ahead of' : 'behind'
  const message = `the clock of Redis is ${(size / 1000).toFixed(1)} s ${way} that of this machine: due times go by the one of Redis`
  const remedy = 'let both machines keep time (chrony, systemd-timesyncd)'
  return [{level: size < clockWarningMs ? 'note' : 'warning', code: 'clock', message, remedy}]
}

function replicationFindings({info, settings}: ServerFacts): Finding[] {
  if (info.get('role') === 'slave') {
    const message = 'this Redis is a replica: it takes no tasks'
    return [{level: 'error', code: 'replica', message, remedy: 'name the master, or the Sentinels (redis+sentinel://…)'}]
  }
  const replicas = [...info].filter(([name]) => /^slave\d+$/.test(name)).map(([, text]) => readReplica(text))
  const late = replicas.filter(({state, lag}) => state !== 'online' || lag >= lagWarningSeconds)
  const findings: Finding[] = late.map(({address, state, lag}) => ({
    level: 'warning',
    code: 'replica_lag',
    message: `the replica ${address} is ${state}, and ${lag} s behind: a failover to it loses what it does not have`,
    remedy: 'look into its log and its network',
  }))
  if (replicas.length === 0 || settings['min-replicas-to-write'] !== '0') return findings
  const message = 'a master that is cut off from its replicas goes on taking tasks, which a failover then loses'
  return [
    ...findings,
    {level: 'note', code: 'min_replicas', message, remedy: 'set min-replicas-to-write 1 and min-replicas-max-lag 10'},
  ]
}

/** Of `ip=…,port=…,state=online,offset=…,lag=0`. */
function readReplica(text: string): {address: string; state: string; lag: number} {
  const fields = new Map(text.split(',').map((part) => part.split('=', 2) as [string, string]))
  const field = (name: string) => fields.get(name) ?? ''
  return {address: `${field('ip')}:${field('port')}`, state: field('state'), lag: Number(field('lag'))}
}
