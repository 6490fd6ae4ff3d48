// One task at a time falls due while nothing else happens: how late its hook is called, and whether any is called early.
import {fillBullmq, hookId, jobFor, startWorker} from './lib/bullmq.js'
import {interleave, runAlone} from './lib/bench.js'
import {wallOffset} from './lib/clock.js'
import {percentile} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {fillTorque, startServe, taskFor} from './lib/torque.js'

/** From the fill to the first that falls due. */
const leadMs = 3_000

export const lateness = {
  name: 'lateness',
  title: 'Delays end at rest',
  about:
    'One task after the other falls due at a moment of its own while nothing else happens: from its due time to the arrival ' +
    'of the call.',
  sizes: {full: {tasks: 400, rounds: 2, everyMs: 50}, quick: {tasks: 100, rounds: 1, everyMs: 25}},
  async run({tasks, rounds, everyMs, cpuProf, bullmq, say}) {
    const receiver = await startReceiver()
    const side = (start, fill) => () => withRedis({}, (redis) => measure({tasks, everyMs, receiver, redis, start, fill, cpuProf}))
    const sides = {torque: side(startTorque, addTasks), ...(bullmq && {bullmq: side(startWorker, addJobs)})}
    const tell = (waits) => `${percentile(waits, 50).toFixed(2)} / ${percentile(waits, 99).toFixed(2)} ms`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples)
  },
}

function startTorque(redis, options) {
  return startServe(redis, ['--no-http'], options)
}

/** When each is due, by its id, ms since the epoch. */
async function addTasks(redis, receiver, dues) {
  const make = (index) => ({...taskFor(receiver.url), at: new Date(dues[index]).toISOString()})
  const answers = await fillTorque(redis, dues.length, make)
  return new Map(answers.map((line) => JSON.parse(line)).map(({id, dueAt}) => [id, Date.parse(dueAt)]))
}

async function addJobs(redis, receiver, dues) {
  const make = (index) => {
    const timestamp = Date.now()
    return {...jobFor(receiver.url), timestamp, delay: dues[index] - timestamp, jobId: `due${index}`}
  }
  await fillBullmq(redis, dues.length, make)
  return new Map(dues.map((due, index) => [hookId(`due${index}`), due]))
}

/** How late each was called, in ms; less than 0: early. */
async function measure({tasks, everyMs, receiver, redis, start, fill, cpuProf}) {
  const program = start(redis, {cpuProf})
  await program.ready
  const {all} = receiver.expect(tasks, {times: true})
  const begin = Date.now() + leadMs
  // Anywhere in its own interval: what looks at the clock now and then is not to be lucky.
  const dues = Array.from({length: tasks}, (_, index) => Math.round(begin + (index + Math.random()) * everyMs))
  const dueAt = await fill(redis, receiver, dues)
  if (Date.now() > begin) throw new Error('the first task was due before all were there')
  await all
  const offset = wallOffset()
  await program.stop()
  const {calls, times} = await receiver.take()
  if (calls !== tasks) throw new Error(`${tasks} tasks, ${calls} calls`)
  return times.map(([id, at]) => at + offset - dueAt.get(id))
}

function rows({torque, bullmq}) {
  const of = (percent) => (samples) => samples?.map((waits) => percentile(waits, percent))
  const early = (samples) => samples?.map((waits) => waits.filter((wait) => wait < 0).length)
  const row = (name, unit, figure, atMost) => ({name, unit, torque: figure(torque), bullmq: figure(bullmq), atMost})
  return [
    row('lateness of a delay at rest, p50', 'ms', of(50), 1),
    row('lateness of a delay at rest, p99', 'ms', of(99), 5),
    row('called early', 'calls', early, 0),
  ]
}

void runAlone(import.meta.url, lateness)
