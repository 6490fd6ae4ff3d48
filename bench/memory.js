// The memory of the processes: of `torque serve` and of a BullMQ worker, at rest and under a drain.
import {fillBullmq, jobFor, startWorker} from './lib/bullmq.js'
import {interleave, runAlone} from './lib/bench.js'
import {watch} from './lib/drain.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {fillTorque, startServe, taskFor} from './lib/torque.js'
import {pause} from './lib/wait.js'

export const memory = {
  name: 'memory',
  title: 'The memory of a process',
  about: 'What is resident a while after the start, and the most that ever was while a backlog was drained. MB are 10⁶ bytes.',
  sizes: {full: {tasks: 100_000, rounds: 3, restMs: 5_000}, quick: {tasks: 10_000, rounds: 1, restMs: 1_000}},
  async run({tasks, rounds, restMs, bullmq, say}) {
    const receiver = await startReceiver()
    const side = (start, fill) => () => withRedis({}, (redis) => measure({tasks, restMs, receiver, redis, start, fill}))
    const sides = {torque: side(startServe, fillTasks), ...(bullmq && {bullmq: side(startWorker, fillJobs)})}
    const tell = ({rest, most}) => `${rest.toFixed(0)} MB, ${most.toFixed(0)} MB`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples)
  },
}

function fillTasks(redis, tasks, url) {
  return fillTorque(redis, tasks, () => taskFor(url))
}

function fillJobs(redis, tasks, url) {
  return fillBullmq(redis, tasks, () => jobFor(url))
}

/** In MB (10⁶ bytes): what is resident a while after the start, and the most that ever was when a backlog has been drained. */
async function measure({tasks, restMs, receiver, redis, start, fill}) {
  const program = start(redis)
  await program.ready
  await pause(restMs)
  const {rss} = await program.usage()
  await program.stop()
  await fill(redis, tasks, receiver.url)
  const {maxRss} = await watch({receiver, count: tasks, redis, start: () => start(redis)})
  return {rest: rss / 1e6, most: maxRss / 1e6}
}

function rows({torque, bullmq}) {
  const row = (name, field, atMost) => {
    const of = (samples) => samples?.map((sample) => sample[field])
    return {name, unit: 'MB', torque: of(torque), bullmq: of(bullmq), atMost}
  }
  return [row('memory of the process at rest', 'rest', 90), row('the most under a drain', 'most', 150)]
}

void runAlone(import.meta.url, memory)
