// What a waiting task takes of Redis's memory: to one target, and to a thousand.
import {fillBullmq} from './lib/bullmq.js'
import {runAlone} from './lib/bench.js'
import {bytesEach} from './lib/memory.js'
import {params} from './lib/task.js'
import {fillTorque} from './lib/torque.js'

/** 38 bytes, to as many origins as are wanted. */
function url(index, origins) {
  return `http://hook${String(index % origins).padStart(4, '0')}.example:8080/hooks/foo`
}

export const bytes = {
  name: 'bytes',
  title: 'Tasks wait in Redis',
  about:
    'Tasks with a URL of 38 bytes and 104 bytes of params: by how much the memory of Redis grows, for each. The limit is ' +
    'that text in a list.',
  sizes: {full: {tasks: 100_000}, quick: {tasks: 20_000}},
  async run({tasks, bullmq, say}) {
    const limit = await bytesEach(tasks, pushToList)
    const rows = []
    for (const [origins, atMost] of [
      [1, 380],
      [1_000, 280],
    ]) {
      const make = (index) => ({url: url(index, origins), params: JSON.parse(params)})
      const torque = await bytesEach(tasks, (redis, count) => fillTorque(redis, count, make))
      const besides = bullmq && (await bytesEach(tasks, (redis, count) => fillBullmq(redis, count, make)))
      say(`${origins} origins: ${torque.toFixed(0)} bytes`)
      const name = `Redis bytes per waiting task, ${origins.toLocaleString('en-GB')} ${origins === 1 ? 'origin' : 'origins'}`
      rows.push({name, unit: 'B', torque: [torque], ...(bullmq && {bullmq: [besides]}), limit: [limit], atMost})
    }
    return rows
  },
}

/** The least that anything could take: the same text in a list. */
async function pushToList({client}, count) {
  const item = `${url(0, 1)}\n${params}`
  for (let from = 0; from < count; from += 1_000)
    await client.rpush('list', ...Array.from({length: Math.min(1_000, count - from)}, () => item))
}

void runAlone(import.meta.url, bytes)
