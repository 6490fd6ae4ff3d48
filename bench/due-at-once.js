// Many tasks fall due at the same instant: how late the last of them is called, and whether any is called early.
import {fillBullmq, jobFor, startWorker} from './lib/bullmq.js'
import {interleave, runAlone} from './lib/bench.js'
import {wallOffset} from './lib/clock.js'
import {ratios} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {checkNotYetDue, dueLater, fillTorque, startServe, taskFor} from './lib/torque.js'

export const dueAtOnce = {
  name: 'due-at-once',
  title: 'Many tasks fall due at the same instant',
  about: 'All tasks are due at one instant, and wait for it beside a `serve` that rests: how late the last call arrives.',
  sizes: {full: {tasks: 50_000, rounds: 3}, quick: {tasks: 8_000, rounds: 1}},
  async run({tasks, rounds, cpuProf, bullmq, say}) {
    const receiver = await startReceiver()
    const side = (start, fill) => () => withRedis({}, (redis) => measure({tasks, receiver, redis, start, fill, cpuProf}))
    const sides = {torque: side(startTorque, fillLater), ...(bullmq && {bullmq: side(startWorker, fillJobsLater)})}
    const tell = ({lastMs, firstMs}) => `first ${firstMs.toFixed(1)} ms late, last ${Math.round(lastMs)} ms`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples, tasks)
  },
}

function startTorque(redis, options) {
  return startServe(redis, ['--no-http'], options)
}

function fillLater(redis, {tasks, receiver, dueAt}) {
  const task = {...taskFor(receiver.url), at: new Date(dueAt).toISOString()}
  return fillTorque(redis, tasks, () => task)
}

function fillJobsLater(redis, {tasks, receiver, dueAt}) {
  const job = () => {
    const timestamp = Date.now()
    return {...jobFor(receiver.url), timestamp, delay: dueAt - timestamp}
  }
  return fillBullmq(redis, tasks, job)
}

/** Ms from the instant at which all were due to the first call and to the last. */
async function measure({tasks, receiver, redis, start, fill, cpuProf}) {
  const program = start(redis, {cpuProf})
  await program.ready
  const {all} = receiver.expect(tasks)
  const dueAt = dueLater(tasks)
  await fill(redis, {tasks, receiver, dueAt})
  checkNotYetDue(dueAt)
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
