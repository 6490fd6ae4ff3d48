import {programPath, startProgram} from './program.js'
import {params} from './task.js'

/** What a web hook's job would have: torque's ten attempts with growing waits. */
const jobOptions = {attempts: 10, backoff: {type: 'exponential', delay: 2000}}

const batchSize = 1_000

/** BullMQ, where `npm ci` was run in this folder; null otherwise. */
export async function loadBullmq() {
  try {
    return await import('bullmq')
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null
    throw error
  }
}

/** The name of the queue, and how to reach its Redis. */
export function bullmqQueue(socket) {
  return {name: 'bench', options: {connection: {path: socket, maxRetriesPerRequest: null}, defaultJobOptions: jobOptions}}
}

/** A job's id at the length of torque's, so that the calls are of the same size. */
export function hookId(id) {
  return id.padStart(20, '0')
}

/** A Worker that calls hooks with undici, 100 at once, and keeps 1,000 done jobs, as torque does. */
export function startWorker(redis, options = {}) {
  return startProgram(programPath('bullmq-worker'), [redis.socket], options)
}

/** Adds `make(index)` for each index below `count`: `{url, params, …job options}`. */
export async function fillBullmq(redis, count, make) {
  const filler = await startJobFiller(redis)
  await filler.fill(count, make)
  await filler.stop()
}

/** A Queue to fill in jobs by, several times. */
export async function startJobFiller(redis) {
  const {Queue} = await loadBullmq()
  const {name, options} = bullmqQueue(redis.socket)
  const queue = new Queue(name, options)
  await queue.waitUntilReady()
  return {
    async fill(count, make) {
      for (let from = 0; from < count; from += batchSize) {
        const jobs = Array.from({length: Math.min(batchSize, count - from)}, (_, index) => make(from + index))
        await queue.addBulk(jobs.map(({url, params, ...opts}) => ({name: 'hook', data: {url, params}, opts})))
      }
    },
    stop: () => queue.close(),
  }
}

/** The job of the bounds for this URL. */
export function jobFor(url) {
  return {url, params: JSON.parse(params)}
}

/** Fails unless the queue is worked off. */
export async function checkCompleted(redis) {
  const {Queue} = await loadBullmq()
  const {name, options} = bullmqQueue(redis.socket)
  const queue = new Queue(name, options)
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed')
  await queue.close()
  if (Object.values(counts).some((count) => count !== 0)) throw new Error(`BullMQ has work left: ${JSON.stringify(counts)}`)
}
