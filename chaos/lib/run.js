import {execFile} from 'node:child_process'
import {rmSync} from 'node:fs'
import {promisify} from 'node:util'

import {Store} from '../../dist/queue/store.js'
import {check} from './checker.js'
import {faults} from './faults.js'
import {Producers} from './producers.js'
import {Random} from './random.js'
import {saveRecords} from './records.js'
import {sabotage} from './sabotage.js'
import {command} from './serve.js'
import {Stage} from './stage.js'
import {pause, until} from './wait.js'

/** With nothing done for so long, what is left is taken for stuck. */
const stuckMs = 60_000

/** One run: tasks, faults, and what came of them. Resolves to the checker's result and the records. */
export async function run(options) {
  const startedAt = performance.now()
  const random = new Random(options.seed)
  const stage = new Stage(options, random)
  let isKept = true
  try {
    await stage.open()
    const records = await play(stage, options, random)
    const result = check(records)
    result.problems.push(
      ...stage.complaints,
      ...stage.serves.flatMap(({name, complaints}) => complaints.map((text) => `${name}: ${text}`)),
    )
    saveRecords(stage.dir, records)
    isKept = options.keep || result.problems.length > 0
    return {result, records, seed: options.seed, tookMs: performance.now() - startedAt, dir: isKept ? stage.dir : undefined}
  } finally {
    await stage.close()
    if (!isKept) rmSync(stage.dir, {recursive: true, force: true, maxRetries: 3})
  }
}

async function play(stage, options, random) {
  const {scale, seed, concurrency} = options
  const {plan, skipped} = planOf(stage, options, random)
  const done = []
  const producers = new Producers({
    scale,
    seed,
    random,
    origins: stage.receiver.origins,
    urls: stage.urls,
    progress: () => (plan.length === 0 ? 1 : (done.length + 1) / plan.length),
  })
  await Promise.all([producers.run(), makeFaults(stage, plan, done, options, random), ...saboteur(stage, options, producers)])
  await rest(stage)
  await stage.observer.stop()
  for (const finding of await findings(stage)) stage.complain(`doctor: ${finding}`)
  const {calls} = stage.receiver
  const {acknowledged, abandoned} = producers
  return {
    acknowledged,
    abandoned,
    calls,
    ...(await look(stage)),
    settled: stage.observer.settled,
    faults: done,
    skipped,
    concurrency,
    forgets: options.sentinel,
    forgetsTasks: options.sentinel && options.ackReplicas === 0,
  }
}

/** The faults in their order, and why some are left out. */
function planOf(stage, {faults: counts}, random) {
  const wanted = Object.entries(counts).filter(([, count]) => count > 0)
  const possible = wanted.filter(([name]) => stage.obstacleTo(name) === undefined)
  const plan = random.shuffle(possible.flatMap(([name, count]) => Array.from({length: count}, () => name)))
  return {plan, skipped: wanted.flatMap(([name]) => stage.obstacleTo(name) ?? [])}
}

async function makeFaults(stage, plan, done, {atOnce}, random) {
  let next = 0
  const make = async () => {
    while (next < plan.length) {
      const name = plan[next++]
      await pause(random.between(50, 500))
      const at = Date.now()
      await faults[name](stage, random)
      done.push({name, at, endedAt: Date.now()})
    }
  }
  await Promise.all(Array.from({length: atOnce}, make))
}

/** Breaks things while there is something to break. */
function saboteur(stage, {sabotage: name}, producers) {
  if (name === undefined) return []
  const {redis, keys, observer} = stage
  const act = () => sabotage[name]({client: redis.client, keys, settled: observer.settled, acknowledged: producers.acknowledged})
  const isOver = async () => producers.isDone && (await isAtRest(stage))
  return [
    until(async () => (await act()) || (await isOver()), {withinMs: 60_000, what: 'an end of what can be broken', everyMs: 5}),
  ]
}

/** Until nothing waits and nothing runs. */
async function rest(stage) {
  let [seen, seenAt] = ['', performance.now()]
  const isOver = async () => {
    const now = `${(await left(stage).catch(() => [])).join()} ${stage.receiver.calls.length}`
    if (now !== seen) [seen, seenAt] = [now, performance.now()]
    return (await isAtRest(stage)) || performance.now() - seenAt > stuckMs
  }
  await until(isOver, {withinMs: 900_000, what: 'an end of all tasks', everyMs: 200})
  for (const serve of stage.serves) if (!serve.isRunning) stage.complain(`${serve.name} has ended by itself`)
}

/** How many lanes wait, and how many tasks run. */
function left({keys, redis}) {
  return Promise.all([keys.lanes, keys.active].map((key) => redis.client.zcard(key)))
}

async function isAtRest(stage) {
  const counts = await left(stage).catch(() => [1])
  return counts.every((count) => count === 0)
}

/** What torque says of every task. */
async function look(stage) {
  const store = await Store.open({redisUrl: stage.redis.url, namespace: 'torque', profile: 'command'})
  try {
    const states = []
    for (let cursor; cursor !== null;) {
      const page = await store.inspector.page({limit: 1000, ...(cursor !== undefined && {cursor})})
      states.push(...page.records.map(stateOf))
      cursor = page.cursor
    }
    const {totals} = await store.inspector.stats()
    return {states, addedTotal: totals.addedTotal}
  } finally {
    await store.close()
  }
}

/** What `torque doctor` finds wrong with the tasks. */
async function findings({redis}) {
  const args = [command, 'doctor', '--json', '--redis', redis.url]
  // It exits with 1 when it finds anything at all.
  const {stdout} = await promisify(execFile)(process.execPath, args).catch((error) => error)
  const found = JSON.parse(stdout).findings
  return found
    .filter(({queue, level}) => queue !== null && level !== 'note')
    .map(({code, count, message, examples}) => `${code}: ${count} ${message} (${examples.join(' ')})`)
}

function stateOf({task, state, run}) {
  return {
    id: task.id,
    name: new URL(task.url).pathname.split('/')[1],
    state,
    attempts: run.attempts,
    errors: run.errors,
    lostLeases: run.lostLeases,
  }
}
