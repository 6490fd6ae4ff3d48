import {type Checkup, type CheckupOptions, type Wrong, checkUp} from './checkup.js'
import {deadWeight} from './dead-weight.js'
import type {Finding, FindingLevel} from './finding.js'
import {type ServerFacts, serverFacts} from './server-facts.js'
import {mebibytes, memoryLimit, serverFindings} from './server-findings.js'
import type {Store} from '../store.js'
import {wrongWords} from './wrong-words.js'

/** A finding, and what it is about. */
export interface Diagnosed extends Finding {
  /** Null: the server as a whole. */
  queue: string | null
  /** How many tasks, lanes or keys it is about; null where it is about none. */
  count: number | null
  /** The first of them. */
  examples: string[]
  /** It has been put right. */
  mended: boolean
}

export interface Diagnosis {
  /** Nothing is left that is more than a note. */
  healthy: boolean
  findings: Diagnosed[]
  /** How many tasks were looked at. */
  tasks: number
}

const examplesShown = 10
/** Dead tasks that take more than this share of the memory are worth a word of warning. */
const heavyShare = 0.25
/** A task that has been due for so long, in ms, with nobody to deliver it, has been forgotten. */
const overdueMs = 60_000

const levelOrder: readonly FindingLevel[] = ['error', 'warning', 'note']

/** Looks at the server and at every queue, or one; with `repair` puts right what is safe to put right. Throws only `TorqueError`. */
export async function diagnose(
  store: Store,
  {queue, ...options}: CheckupOptions & {queue?: string | undefined},
): Promise<Diagnosis> {
  const servers = await Promise.all(store.servers.map((server) => serverFacts(store, server)))
  const names = queue === undefined ? await store.queueNames() : [queue]
  // What is wrong with several of them is said once.
  const ofServers = new Map(servers.flatMap(serverFindings).map((finding) => [finding.message, ofServer(finding)]))
  const findings = [...ofServers.values()]
  let tasks = 0
  for (const name of names) {
    const before = tasks
    const progress = options.progress && ((looked: number) => options.progress?.(before + looked))
    const checkup = await checkUp(store.context(name), {...options, progress})
    findings.push(...queueFindings(name, checkup, options.repair))
    // With a key of another type there is nothing to count.
    if (!checkup.wrongs.has('wrong_type')) {
      findings.push(...(await idleFindings(store, name)), ...(await deadFindings(store, name, servers)))
    }
    tasks += checkup.tasks
  }
  const sorted = findings.toSorted((one, other) => levelOrder.indexOf(one.level) - levelOrder.indexOf(other.level))
  return {healthy: sorted.every(({level, mended}) => level === 'note' || mended), findings: sorted, tasks}
}

function ofServer(finding: Finding): Diagnosed {
  return {...finding, queue: null, count: null, examples: [], mended: false}
}

/** Tasks that are due, and nobody to deliver them. */
async function idleFindings(store: Store, queue: string): Promise<Diagnosed[]> {
  if ((await store.processes.live()).length > 0) return []
  const {totals} = await store.inspector.stats({queue})
  const {oldestDueAt} = totals
  if (oldestDueAt === null || (await store.now()) - oldestDueAt < overdueMs) return []
  const message = 'tasks are due, and no serve runs that would call them'
  const idle: Finding = {level: 'warning', code: 'no_serve', message, remedy: 'start torque serve'}
  return [{...ofServer(idle), queue, count: totals.ready}]
}

function queueFindings(queue: string, {wrongs, counted}: Checkup, repair: boolean): Diagnosed[] {
  const findings = [...wrongs].map(([wrong, found]) => wrongFinding(queue, wrong, found, repair))
  if (counted) return findings
  const message = 'too many tasks run to count them by lane in one step'
  const uncounted: Finding = {level: 'note', code: 'not_counted', message, remedy: 'look again when fewer run'}
  return [...findings, {...ofServer(uncounted), queue}]
}

function wrongFinding(queue: string, code: Wrong, found: ReadonlySet<string>, repair: boolean): Diagnosed {
  const {level, message, remedy, mendable} = wrongWords[code]
  const examples = [...found].slice(0, examplesShown)
  return {level, code, message, remedy, queue, count: found.size, examples, mended: repair && mendable}
}

async function deadFindings(store: Store, queue: string, servers: readonly ServerFacts[]): Promise<Diagnosed[]> {
  const {tasks, bytes} = await deadWeight(store.context(queue))
  if (tasks === 0) return []
  const [limit] = servers.flatMap((facts) => memoryLimit(facts) ?? [])
  const share = limit ? bytes / limit.bytes : 0
  const part = limit ? `, ${(share * 100).toFixed(share < 0.1 ? 1 : 0)} % of ${limit.name}` : ''
  const message = `dead tasks take about ${mebibytes(bytes)}${part}`
  const remedy = 'torque retry --all, or torque purge --older-than 30d; serve --keep-dead 30d does so by itself'
  const heavy: Finding = {level: share > heavyShare ? 'warning' : 'note', code: 'dead', message, remedy}
  return [{...ofServer(heavy), queue, count: tasks}]
}
