import {withRedis} from './redis.js'
import {pause} from './wait.js'

/** By how many bytes the memory of a fresh Redis grows when `fill(redis, count)` puts so many things into it, for each. */
export function bytesEach(count, fill) {
  return withRedis({}, async (redis) => {
    // What the first brings with it, scripts say, is there once.
    await fill(redis, 1)
    return growthEach(redis, count, () => fill(redis, count))
  })
}

/** The same of a Redis that is there. */
export async function growthEach(redis, count, fill) {
  const before = await usedMemory(redis)
  await fill()
  return ((await usedMemory(redis)) - before) / count
}

/** The memory in use, but for that of connections and of the log's buffer, when the log is not being rewritten and nothing moves. */
export async function usedMemory(redis) {
  let [last, same] = [0, 0]
  for (let tries = 0; tries < 600 && same < 2; tries++) {
    await pause(50)
    const {aof_rewrite_in_progress: rewriting} = await redis.info('persistence')
    const {used_memory: all, mem_clients_normal: clients, mem_aof_buffer: log} = await redis.info('memory')
    const used = all - clients - log
    // The server's own clock-work makes it swing by a little.
    same = rewriting === 0 && Math.abs(used - last) < 4_096 ? same + 1 : 0
    last = used
  }
  return last
}
