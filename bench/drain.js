// How fast a backlog is worked off, beside the bare loop and BullMQ, and what it costs in CPU time.
import {interleave, runAlone} from './lib/bench.js'
import {drainBare, drainBullmq, drainTorque} from './lib/drain.js'
import {ratios} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'

export const drain = {
  name: 'drain',
  title: 'A backlog is drained',
  about:
    "A backlog of tasks to one target: `torque serve --no-http` works it off, in turn with a bare loop over undici's " +
    '`Pool#dispatch` (50 connections, 100 calls in flight) that makes the same calls, byte for byte, and with a BullMQ ' +
    'worker (concurrency 100) that makes them with the same undici. From the first call that arrives to the last; CPU times ' +
    'are those of that span.',
  sizes: {full: {tasks: 50_000, rounds: 5}, quick: {tasks: 10_000, rounds: 2}},
  async run(options) {
    const {tasks, samples} = await drainRounds(options)
    return drainRows(samples, {atLeast: 0.8, near: 0.75}, {atLeast: 2.5, near: 2.3}).concat(cpuRows(samples, tasks))
  },
}

/** Rounds of all three. `fsync`: how their Redis writes. */
export async function drainRounds({tasks, rounds, fsync, cpuProf, bullmq, say}) {
  const receiver = await startReceiver()
  const side = (run) => () => run({receiver, count: tasks, fsync, cpuProf})
  const sides = {bare: side(drainBare), torque: side(drainTorque), ...(bullmq && {bullmq: side(drainBullmq)})}
  const tell = ({ms, cpuMs}) => `${Math.round((tasks / ms) * 1000).toLocaleString('en-GB')}/s at ${Math.round(cpuMs)} ms CPU`
  const samples = await interleave({rounds, sides, say, tell})
  receiver.stop()
  checkSameBytes(samples)
  return {tasks, samples}
}

/** Whoever sends less has less to do. */
function checkSameBytes(samples) {
  const sizes = new Set(Object.values(samples).flatMap((list) => list.map(({bytesPerCall}) => bytesPerCall)))
  if (sizes.size > 1) throw new Error(`the calls differ in size: ${[...sizes].join(', ')} bytes`)
}

/** `bullmqBound`: none is set beside BullMQ when absent. */
export function drainRows({bare, torque, bullmq}, limitBound, bullmqBound = {}) {
  const rate = (samples) => samples?.map(({ms}) => 1 / ms)
  const toBare = (samples) => samples && ratios(rate(samples), rate(bare))
  const name = 'drain a backlog'
  return [
    {name: `${name}, beside the bare loop`, unit: '×', torque: toBare(torque), bullmq: toBare(bullmq), ...limitBound},
    ...(bullmq ? [{name: `${name}, beside BullMQ`, unit: '×', torque: ratios(rate(torque), rate(bullmq)), ...bullmqBound}] : []),
  ]
}

export function cpuRows({bare, torque, bullmq}, tasks) {
  const per100k = (samples, field) => samples?.map((sample) => (sample[field] / tasks) * 100)
  const cpu = (samples) => per100k(samples, 'cpuMs')
  const toBare = (samples) => samples && ratios(cpu(samples), cpu(bare))
  const redis = (samples) => per100k(samples, 'redisMs')
  const receiver = per100k(bare, 'receiverMs')
  return [
    {name: 'CPU of the process, beside the bare loop', unit: '×', torque: toBare(torque), bullmq: toBare(bullmq), atMost: 1.25},
    {name: 'CPU of Redis per 100k', unit: 's', torque: redis(torque), bullmq: redis(bullmq), atMost: 0.6},
    {name: 'CPU of the process per 100k', unit: 's', torque: cpu(torque), bullmq: cpu(bullmq), limit: cpu(bare)},
    {name: 'CPU of the receiver per 100k', unit: 's', torque: per100k(torque, 'receiverMs'), limit: receiver},
  ]
}

void runAlone(import.meta.url, drain)
