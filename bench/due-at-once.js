// Many tasks fall due at the same instant: how late the last of them is called, and whether any is called early.
import {jobFor, startJobFiller, startWorker} from './lib/bullmq.js'
import {interleave, runAlone} from './lib/bench.js'
import {wallOffset} from './lib/clock.js'
import {ratios} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {checkNotYetDue, dueLater, startFiller, startServe, taskFor} from './lib/torque.js'

export const dueAtOnce = {
  name: 'due-at-once',
  title: 'Many tasks fall due at the same instant',
  about: 'All tasks are due at one instant, and wait for it beside a `serve` that rests: how late the last call arrives.',
  sizes: {full: {tasks: 50_000, rounds: 3}, quick: {tasks: 8_000, rounds: 1}},
  async run({tasks, rounds, cpuProf, bullmq, say}) {
    const receiver = await startReceiver()
    const side = (how) => () => withRedis({}, (redis) => measure({tasks, receiver, redis, cpuProf, ...how}))
    const sides = {
      torque: side({start: startTorque, startFiller, make: taskDueAt}),
      ...(bullmq && {bullmq: side({start: startWorker, startFiller: startJobFiller, make: jobDueAt})}),
    }
    const tell = ({lastMs, firstMs}) => `first ${firstMs.toFixed(1)} ms late, last ${Math.round(lastMs)} ms`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples, tasks)
  },
}

function startTorque(redis, options) {
  return startServe(redis, ['--no-http'], options)
}

function taskDueAt(url, dueAt) {
  return {...taskFor(url), at: new Date(dueAt).toISOString()}
}

function jobDueAt(url, dueAt) {
  const timestamp = Date.now()
  return {...jobFor(url), timestamp, delay: dueAt - timestamp}
}

/** Ms from the instant at which all were due to the first call and to the last. */
async function measure({tasks, receiver, redis, cpuProf, start, startFiller, make}) {
  const program = start(redis, {cpuProf})
  const [filler] = await Promise.all([startFiller(redis), program.ready])
  const {all} = receiver.expect(tasks)
  const dueAt = dueLater(tasks)
  await filler.fill(tasks, () => make(receiver.url, dueAt))
  checkNotYetDue(dueAt)
  await filler.stop()
  const {firstAt, lastAt} = await all
  const due = dueAt - wallOffset()
  await program.stop()
  const {calls} = await receiver.take()
  if (calls !== tasks) throw new Error(`${tasks} tasks, ${calls} calls`)
  return {firstMs: firstAt - due, lastMs: lastAt - due}
}

function rows({torque, bullmq}, tasks) {
  const last = (samples) => samples?.map(({lastMs}) => lastMs)
  const early = (samples) => samples?.map(({firstMs}) => Math.max(0, -firstMs))
  const name = `the last of ${tasks.toLocaleString('en-GB')} due at once`
  return [
    ...(bullmq
      ? [{name: `${name}, lateness beside BullMQ`, unit: '×', torque: ratios(last(torque), last(bullmq)), atMost: 0.35}]
      : []),
    {name: `${name}, lateness`, unit: 'ms', torque: last(torque), bullmq: last(bullmq)},
    {name: 'the first of them, how early', unit: 'ms', torque: early(torque), bullmq: early(bullmq), atMost: 0},
  ]
}

void runAlone(import.meta.url, dueAtOnce)
