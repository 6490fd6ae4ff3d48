import {type QueueContext, ask} from '../context.js'

/** So many tell enough of the others. */
const sampleSize = 100
/** What Redis needs for a task and its run besides their text: hash entries, and its place among the dead. */
const bytesAround = 250

/** How many tasks of a queue are dead, and about how many bytes they take. */
export async function deadWeight({redis, keys}: QueueContext): Promise<{tasks: number; bytes: number}> {
  const tasks = await ask(() => redis.zcard(keys.dead))
  if (tasks === 0) return {tasks, bytes: 0}
  const sample = await ask(() => redis.zrandmember(keys.dead, sampleSize))
  const lengths = await ask(() =>
    Promise.all(sample.flatMap((id) => [redis.hstrlen(keys.tasks, id), redis.hstrlen(keys.runs, id)])),
  )
  const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, sample.length) + bytesAround
  return {tasks, bytes: Math.round(tasks * average)}
}
