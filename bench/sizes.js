// What tasks of typical sizes take of Redis's memory, and what becomes of that when they have been called. For redis-layout.md.
import {runAlone} from './lib/bench.js'
import {growthEach} from './lib/memory.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {params} from './lib/task.js'
import {fillTorque, startFiller, startServe, taskFor, torque} from './lib/torque.js'
import {pause} from './lib/wait.js'

const usual = {params: JSON.parse(params)}

/** What is added besides a URL of 38 bytes. */
const kinds = {
  'no params': () => ({}),
  '104 bytes of params': () => usual,
  'the same, and an `id` of 20': (index) => ({...usual, id: `given${String(index).padStart(15, '0')}`}),
  '500 bytes of JSON': () => ({json: 'x'.repeat(498)}),
  '2,000 bytes of JSON': () => ({json: 'x'.repeat(1_998)}),
}

export const sizes = {
  name: 'sizes',
  title: 'Tasks of typical sizes wait in Redis, or have been called',
  about:
    'What `used_memory` of `INFO` grows by, for each task. One queue, nothing else in Redis; connections and the buffer of ' +
    'the log are not counted.',
  page: 'docs/redis-layout.md',
  sizes: {full: {tasks: 20_000}, quick: {tasks: 500}},
  async run({tasks}) {
    return [...(await withRedis({}, (redis) => waiting(redis, tasks))), ...(await called(tasks))]
  },
  table: (rows) => [
    ['a task with a URL of 38 bytes', 'one origin', '20 to an origin'],
    ...rows.map(({name, torque, spread}) => [
      name,
      ...[torque, spread].map((numbers) => (numbers ? String(Math.round(numbers[0])) : '')),
    ]),
  ],
}

function url(index, origins) {
  return `http://hook${String(index % origins).padStart(4, '0')}.example:8080/hooks/foo`
}

/** Each kind in queues of its own. */
async function waiting(redis, tasks) {
  const filler = await startFiller(redis)
  const rows = []
  for (const [kind, make] of Object.entries(kinds)) {
    const bytes = async (origins) => {
      const queue = `q${rows.length}-${origins}`
      const task = (index) => ({url: url(index, origins), queue, ...make(index)})
      await filler.fill(1, task)
      return growthEach(redis, tasks, () => filler.fill(tasks, task))
    }
    rows.push({name: `waiting, ${kind}`, unit: 'B', torque: [await bytes(1)], spread: [await bytes(Math.ceil(tasks / 20))]})
  }
  await filler.stop()
  return rows
}

/** The states that a call leads to. Each is held in full, and no answer has a body. */
async function called(tasks) {
  const kept = ['--keep-delivered', String(tasks)]
  const cases = [
    {state: 'delivered', status: 200, args: kept},
    {state: 'retrying', status: 503, args: ['--min-backoff', '1h']},
    {state: 'dead', status: 503, args: ['--max-task-errors', '1']},
  ]
  const row = async ({state, ...how}) => {
    const bytes = await bytesOnce({tasks, state, ...how})
    return {name: `${state} after one call, 104 bytes of params`, unit: 'B', torque: [bytes]}
  }
  return Promise.all(cases.map(row))
}

async function bytesOnce({tasks, state, status, args}) {
  const receiver = await startReceiver({status})
  const bytes = await withRedis({}, async (redis) => {
    const fill = (count) => fillTorque(redis, count, () => taskFor(receiver.url))
    await fill(1)
    return growthEach(redis, tasks - 1, async () => {
      await fill(tasks - 1)
      const serve = startServe(redis, ['--no-http', ...args])
      await allIn(redis, state, tasks)
      await serve.stop()
    })
  })
  receiver.stop()
  return bytes
}

async function allIn(redis, state, tasks) {
  for (let tries = 0; tries < 300; tries++) {
    const {totals} = await torque(redis, ['stats'])
    if (totals[state] === tasks) return
    await pause(200)
  }
  throw new Error(`not all ${tasks} tasks are ${state}`)
}

void runAlone(import.meta.url, sizes)
