// What `torque serve` does while there is nothing to do: round trips to Redis and CPU time.
import {runAlone} from './lib/bench.js'
import {withRedis} from './lib/redis.js'
import {fillTorque, startServe} from './lib/torque.js'
import {pause} from './lib/wait.js'

/** After the start: what a process does once is done by then. */
const warmMs = 2_000

export const atRest = {
  name: 'at-rest',
  title: 'There is nothing to do',
  about: 'A `torque serve` that has nothing to do for now. A round trip is a read of Redis from a connection.',
  sizes: {full: {rounds: 2, queues: 100, restMs: 20_000}, quick: {rounds: 1, queues: 100, restMs: 3_000}},
  async run({rounds, queues, restMs, say}) {
    const samples = {one: [], many: []}
    for (let round = 1; round <= rounds; round++) {
      // Both at once: they rest.
      const [one, many] = await Promise.all([measure(1, restMs), measure(queues, restMs)])
      say(`round ${round}: one queue ${tell(one)}, ${queues} queues ${tell(many)}`)
      samples.one.push(one)
      samples.many.push(many)
    }
    return [...rows('one queue', samples.one), ...rows(`${queues} queues`, samples.many)]
  },
}

function tell({trips, percent}) {
  return `${trips.toFixed(2)} round trips a second, ${percent.toFixed(2)} % of a core`
}

/** Each queue holds a task for later, and nothing is due. */
function measure(queues, restMs) {
  return withRedis({}, async (redis) => {
    await fillTorque(redis, queues, (index) => ({
      url: 'http://127.0.0.1:9/',
      queue: index === 0 ? 'default' : `q${index}`,
      delay: '1h',
    }))
    const serve = startServe(redis)
    await serve.ready
    await pause(warmMs)
    const [before, began] = [await look(redis, serve), performance.now()]
    await pause(restMs)
    const [after, ms] = [await look(redis, serve), performance.now() - began]
    await serve.stop()
    // One of them was this question itself.
    return {trips: ((after.reads - before.reads - 1) / ms) * 1000, percent: ((after.cpuMs - before.cpuMs) / ms) * 100}
  })
}

/** How often Redis has read from a connection so far: a round trip, however many commands it brought. */
async function look(redis, serve) {
  const [{total_reads_processed: reads}, {cpuMs}] = [await redis.info('stats'), await serve.usage()]
  return {reads, cpuMs}
}

function rows(where, samples) {
  const of = (field) => samples.map((sample) => sample[field])
  return [
    {name: `round trips a second at rest, ${where}`, unit: '/s', torque: of('trips'), atMost: 1},
    {name: `CPU at rest, ${where}`, unit: '% of a core', torque: of('percent'), atMost: 1},
  ]
}

void runAlone(import.meta.url, atRest)
