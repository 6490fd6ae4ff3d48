// Working off a backlog, by each of those that are measured: fill, start, wait until every call has come, stop, check.
import {checkCompleted, fillBullmq, jobFor, startWorker} from './bullmq.js'
import {programPath, startProgram} from './program.js'
import {startRedis} from './redis.js'
import {form, userAgent} from './task.js'
import {checkDelivered, fillTorque, startServe, taskFor} from './torque.js'
import {pause} from './wait.js'

/** After the last call: its verdict is on its way. An idle process uses next to nothing meanwhile. */
const settleMs = 100

/** The limit: no queue at all. `urls` are called in turn. */
export async function drainBare({receiver, count, urls = [receiver.url]}) {
  return watch({
    receiver,
    count,
    start: () => startProgram(programPath('bare'), [JSON.stringify({urls, count, form, userAgent})]),
  })
}

/** `torque serve --no-http` on a Redis of its own. `make(index)`: other tasks than the usual one. */
export async function drainTorque({receiver, count, fsync, cpuProf, make = () => taskFor(receiver.url), args = []}) {
  return withRedis({fsync}, async (redis) => {
    await fillTorque(redis, count, make)
    const sample = await watch({receiver, count, redis, start: () => startServe(redis, ['--no-http', ...args], {cpuProf})})
    await checkDelivered(redis, count)
    return sample
  })
}

/** A BullMQ worker on a Redis of its own. */
export async function drainBullmq({receiver, count, fsync}) {
  return withRedis({fsync}, async (redis) => {
    await fillBullmq(redis, count, () => jobFor(receiver.url))
    const sample = await watch({receiver, count, redis, start: () => startWorker(redis)})
    await checkCompleted(redis)
    return sample
  })
}

export async function withRedis(options, use) {
  const redis = await startRedis(options)
  try {
    return await use(redis)
  } finally {
    await redis.stop()
  }
}

/**
 * From the first call to the last: `{ms, cpuMs, redisMs, redisMainMs, maxRss, receiverMs, bytesPerCall}` of `count` calls.
 * A lost or a second call fails. `partial`: more than `count` tasks wait, and those that come after are not counted.
 */
export async function watch({receiver, count, redis, start, partial = false}) {
  const {first, all} = receiver.expect(count)
  const program = start()
  await Promise.race([first, program.ready.then(() => first)])
  const [before, redisBefore] = await Promise.all([program.usage(), redis?.cpu()])
  const {firstAt, lastAt} = await all
  if (!partial) await pause(settleMs)
  const [after, redisAfter] = await Promise.all([program.usage(), redis?.cpu()])
  await program.stop()
  const {distinct, calls, bytes, cpuMs: receiverMs} = await receiver.take()
  if (distinct !== calls || (!partial && calls !== count)) throw new Error(`${count} tasks: ${distinct} came, in ${calls} calls`)
  return {
    ms: lastAt - firstAt,
    cpuMs: after.cpuMs - before.cpuMs,
    maxRss: after.maxRss,
    receiverMs,
    bytesPerCall: bytes / calls,
    ...(redis && {redisMs: redisAfter.allMs - redisBefore.allMs, redisMainMs: redisAfter.mainMs - redisBefore.mainMs}),
  }
}
