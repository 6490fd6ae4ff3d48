// How long it takes to find tasks among many that wait, and how long Redis is held up by one call meanwhile. A program of its own:
//   node bench/find.js [tasks] [lanes]
import {spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

import {Store} from '../dist/queue/store.js'

const [tasks, lanes] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 1_000)]
const torque = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'torque-find-'))
const socket = join(directory, 'redis.sock')
const redis = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--slowlog-log-slower-than', '10000'], {
  stdio: 'ignore',
})

const started = performance.now()
const seconds = () => ((performance.now() - started) / 1000).toFixed(1)

try {
  await new Promise((resolve) => setTimeout(resolve, 500))
  const store = await Store.open({redisUrl: `unix://${socket}`, namespace: 'torque', profile: 'command'})
  await fill(store.queue('default'))
  console.log(`${tasks} tasks in ${lanes} lanes, after ${seconds()} s`)
  await store.redis.call('SLOWLOG', 'RESET')
  // What starting costs on this machine just now.
  for (let round = 0; round < 3; round++) await first(['stats', '-q', 'default', '--json'])
  for (let round = 0; round < 3; round++) await first(['list', '--state', 'dead', '--json'])
  for (let round = 0; round < 3; round++) await first(['list', '--ndjson'])
  await first(['list', '--ndjson', '--limit', String(tasks)])
  await first(['list', '--ndjson', '--param', 'n=7'])
  await first(['list', '--ndjson', '--param', 'n=none'], 'all')
  await first(['list', '--state', 'dead', '--param', 'n=1', '--ndjson'], 'all')
  await first(['purge', '--state', 'scheduled', '--dry-run', '--json'], 'all')
  const slow = await store.redis.call('SLOWLOG', 'GET', '10')
  console.log(
    `calls over 10 ms: ${String(await store.redis.call('SLOWLOG', 'LEN'))}`,
    slow.map(([, , micros, words]) => `${micros} us ${words[0]}`),
  )
  await store.close()
} finally {
  redis.kill()
  rmSync(directory, {recursive: true, force: true})
}

async function fill(queue) {
  for (let from = 0; from < tasks; from += 500) {
    const batch = Array.from({length: Math.min(500, tasks - from)}, (_, index) => task(from + index))
    await queue.add(batch)
  }
}

function task(index) {
  const origin = `http://hook${index % lanes}.example`
  return {
    id: `t${String(index).padStart(9, '0')}`,
    queue: 'default',
    url: `${origin}/hooks/do/foo`,
    method: 'POST',
    payload: {kind: 'params', text: `{"foo":"somevalue","n":${index}}`},
    headers: {},
    flowKey: origin,
    due: {delayMs: 86_400_000 + index},
    dedupKeys: [],
    fingerprint: '',
  }
}

/** Until the first line comes and the reader goes; or, with `all`, until the end. With the peak of its memory. */
async function first(args, all) {
  const begun = performance.now()
  const child = spawn('/usr/bin/env', ['time', '-f', '%M %U %S', process.execPath, torque, ...args], {
    env: {...process.env, TORQUE_REDIS_URL: `unix://${socket}`},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [answered, errors] = [0, '']
  child.stderr.on('data', (text) => (errors += text))
  child.stdout.on('data', () => {
    answered ||= performance.now() - begun
    if (!all) child.stdout.destroy()
  })
  await new Promise((resolve) => child.on('close', resolve))
  const ended = performance.now() - begun
  const [kib, user, system] = errors.trim().split('\n').at(-1).split(' ').map(Number)
  console.log(
    `${args.join(' ')}: first line ${answered ? Math.round(answered) : '-'} ms, end ${Math.round(ended)} ms, ${Math.round((user + system) * 1000)} ms of CPU, ${Math.round(kib / 1024)} MB`,
  )
}
