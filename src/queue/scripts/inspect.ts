import {readRun, readTask, unreadableTask} from '../../task/codec.js'
import type {Run, Task, TaskRecord, TaskState} from '../../task/task.js'
import {BatchKeys} from '../batch-keys.js'
import {type QueueContext, ask, scriptNow} from '../context.js'
import {Script} from '../script.js'

const script = new Script<([state: TaskState, score: string, run: string] | [])[]>('inspect')

/** Reads the task bodies of these ids; those that are gone are left out. */
export async function readTasks({redis, keys}: QueueContext, ids: readonly string[]): Promise<Task[]> {
  if (ids.length === 0) return []
  const stored = await ask(() => redis.hmget(keys.tasks, ...ids))
  return ids.flatMap((id, index) => {
    const text = stored[index]
    return typeof text === 'string' ? [readTask(id, text) ?? unreadableTask(id, text)] : []
  })
}

/** How many bytes each of these tasks is stored in; 0 for one that is gone. */
export async function taskSizes({redis, keys}: QueueContext, ids: readonly string[]): Promise<number[]> {
  return ask(() => Promise.all(ids.map((id) => redis.hstrlen(keys.tasks, id))))
}

/** Up to 500 tasks and where each stands at this moment; those that are nowhere are left out. */
export async function inspect(context: QueueContext, ids: readonly string[]): Promise<TaskRecord[]> {
  const tasks = await readTasks(context, ids)
  if (tasks.length === 0) return []
  const keys = new BatchKeys(
    context.keys,
    tasks.map(({flowKey}) => ({flowKey, dedupKeys: []})),
  )
  const args = [scriptNow(context), ...tasks.flatMap((task) => [task.id, keys.lane(task)])]
  const replies = await script.run(context.redis, keys.all, args)
  return tasks.flatMap((task, index) => {
    const [state, score, run] = replies[index] ?? []
    return state === undefined ? [] : [toRecord(task, context.name, {state, score: Number(score), run: readRun(run ?? '')})]
  })
}

function toRecord(task: Task, queue: string, {state, score, run}: {state: TaskState; score: number; run: Run}): TaskRecord {
  const ended = state === 'dead' || state === 'delivered'
  return {
    task,
    queue,
    state,
    run,
    dueAt: ended || state === 'active' ? null : score,
    leaseEndsAt: state === 'active' ? score : null,
    endedAt: ended ? score : null,
  }
}
