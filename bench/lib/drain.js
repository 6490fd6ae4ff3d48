// Working off a backlog, by each of those that are measured: fill, start, wait until every call has come, stop, check.
import {checkCompleted, fillBullmq, jobFor, startWorker} from './bullmq.js'
import {programPath, startProgram} from './program.js'
import {withRedis} from './redis.js'
import {scriptTimes, watchScripts} from './script-times.js'
import {checkDelivered, fillTorque, startServe, taskFor} from './torque.js'
import {pause} from './wait.js'

/** After the last call: its verdict is on its way. An idle process uses next to nothing meanwhile. */
const settleMs = 100

/** The limit: no queue at all. So many origins are called in turn. */
export async function drainBare({receiver, count, origins = 1}) {
  return watch({
    receiver,
    count,
    start: () => startProgram(programPath('bare'), [JSON.stringify({port: receiver.port, origins, count})]),
  })
}

/** `torque serve --no-http` on a Redis of its own. `make(index)`: other tasks than the usual one. `scripts`: keeps their times. */
export async function drainTorque({receiver, count, fsync, cpuProf, make = () => taskFor(receiver.url), scripts = false}) {
  return withRedis({fsync}, async (redis) => {
    await fillTorque(redis, count, make)
    const options = {receiver, count, redis, start: () => startServe(redis, ['--no-http'], {cpuProf})}
    const sample = await (scripts ? watchWithScripts(options) : watch(options))
    await checkDelivered(redis, count)
    return sample
  })
}

/** As `watch`, with the times of the scripts: `{…, scripts}`. */
export async function watchWithScripts(options) {
  await watchScripts(options.redis)
  const sample = await watch(options)
  return {...sample, scripts: await scriptTimes(options.redis)}
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

/**
 * Has `count` calls made by the program or programs that `start()` starts, and resolves to what they took, from the first to the
 * last: `{ms, cpuMs, redisMs, redisMainMs, maxRss, receiverMs, bytesPerCall}`. A lost or a second call fails.
 *
 * `partial`: more than `count` tasks wait, and those that come after are not counted. `started` is called when all are ready.
 */
export async function watch({receiver, count, redis, start, partial = false, started}) {
  const {first, all} = receiver.expect(count)
  const programs = [start()].flat()
  const failed = Promise.race(programs.map((program) => program.failed))
  const ready = Promise.all(programs.map((program) => program.ready)).then(started)
  await Promise.race([first, ready.then(() => first), failed])
  const [before, redisBefore] = await Promise.all([usage(programs), redis?.cpu()])
  const {firstAt, lastAt} = await Promise.race([all, failed])
  if (!partial) await pause(settleMs)
  const [after, redisAfter] = await Promise.all([usage(programs), redis?.cpu()])
  await Promise.all(programs.map((program) => program.stop()))
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

/** Of all together. */
async function usage(programs) {
  const all = await Promise.all(programs.map((program) => program.usage()))
  return {cpuMs: sum(all.map(({cpuMs}) => cpuMs)), maxRss: sum(all.map(({maxRss}) => maxRss))}
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0)
}
