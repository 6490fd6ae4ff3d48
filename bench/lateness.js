// One task at a time falls due while nothing else happens: how late its hook is called, and whether any is called early.
import {hookId, jobFor, startJobFiller, startWorker} from './lib/bullmq.js'
import {interleave, runAlone} from './lib/bench.js'
import {wallOffset} from './lib/clock.js'
import {percentile} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {startFiller, startServe, taskFor} from './lib/torque.js'

/** From the fill to the first that falls due. */
const leadMs = 1_000

export const lateness = {
  name: 'lateness',
  title: 'Delays end at rest',
  about:
    'One task after the other falls due at a moment of its own while nothing else happens: from its due time to the arrival ' +
    'of the call.',
  sizes: {full: {tasks: 400, rounds: 2, everyMs: 50}, quick: {tasks: 100, rounds: 1, everyMs: 25}},
  async run({tasks, rounds, everyMs, cpuProf, bullmq, say}) {
    const receiver = await startReceiver()
    const side = (how) => () => withRedis({}, (redis) => measure({tasks, everyMs, receiver, redis, cpuProf, ...how}))
    const sides = {
      torque: side({start: startTorque, startFiller, fill: addTasks}),
      ...(bullmq && {bullmq: side({start: startWorker, startFiller: startJobFiller, fill: addJobs})}),
    }
    const tell = (waits) => `${[0, 50, 99].map((percent) => percentile(waits, percent).toFixed(2)).join(' / ')} ms`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples)
  },
}

function startTorque(redis, options) {
  return startServe(redis, ['--no-http'], options)
}

/** When each is due, by its id, ms since the epoch. */
async function addTasks(filler, url, dues) {
  const answers = await filler.fill(dues.length, (index) => ({...taskFor(url), at: new Date(dues[index]).toISOString()}))
  return new Map(answers.map((line) => JSON.parse(line)).map(({id, dueAt}) => [id, Date.parse(dueAt)]))
}

async function addJobs(filler, url, dues) {
  await filler.fill(dues.length, (index) => {
    const timestamp = Date.now()
    return {...jobFor(url), timestamp, delay: dues[index] - timestamp, jobId: `due${index}`}
  })
  return new Map(dues.map((due, index) => [hookId(`due${index}`), due]))
}

/** How late each was called, in ms; less than 0: early. */
async function measure({tasks, everyMs, receiver, redis, cpuProf, start, startFiller, fill}) {
  const program = start(redis, {cpuProf})
  const [filler] = await Promise.all([startFiller(redis), program.ready])
  const {all} = receiver.expect(tasks, {times: true})
  const begin = Date.now() + leadMs
  // Anywhere in its own interval: what looks at the clock now and then is not to be lucky.
  const dues = Array.from({length: tasks}, (_, index) => Math.round(begin + (index + Math.random()) * everyMs))
  const dueAt = await fill(filler, receiver.url, dues)
  if (Date.now() > begin) throw new Error('the first task was due before all were there')
  await filler.stop()
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
