import {TorqueError} from '../errors.js'
import type {TaskFields} from '../task/fields.js'
import {type NewTaskOptions, newTask} from '../task/new-task.js'
import type {NewTask} from '../task/task.js'
import type {AddResult} from './queue.js'

/** What it takes to let a task in, over HTTP and from the command line alike. */
export interface AddDoor extends Pick<NewTaskOptions, 'baseTaskUrl' | 'egress' | 'scope'> {
  /** Writes tasks of one queue to Redis; a result, or an error, for each in order. Rejects when none was written. */
  add: (queue: string, tasks: NewTask[]) => Promise<(AddResult | TorqueError)[]>
}

export type AddOutcome = AddResult | TorqueError

/** The queues that whoever asks may add to; undefined: any. */
export type AllowedQueues = ReadonlySet<string> | undefined

/** Adds one task; throws, or rejects with, what kept it out. Not async: this is the path that everything comes in by. */
export function addTask(door: AddDoor, fields: TaskFields, queues: AllowedQueues): Promise<AddResult> {
  const task = allowed(newTask(fields, door), queues)
  return door.add(task.queue, [task]).then(
    ([outcome]) => {
      if (outcome && !(outcome instanceof TorqueError)) return outcome
      throw outcome ? nameTask(outcome, task) : new TorqueError('internal', 'the queue gave no answer for a task')
    },
    (error: unknown) => {
      throw error instanceof TorqueError ? nameTask(error, task) : error
    },
  )
}

/** So many are validated and written at a time: each round holds up the event loop for some milliseconds at most. */
const chunkSize = 500

/** Adds many; the good ones are queued whatever becomes of the others. Throws when Redis kept every one out. */
export async function addTasks<Item>(
  door: AddDoor,
  items: readonly Item[],
  {read, queues}: {read: (item: Item) => TaskFields; queues?: AllowedQueues},
): Promise<AddOutcome[]> {
  const outcomes: AddOutcome[] = []
  let away: TorqueError | undefined
  for (let start = 0; start < items.length; start += chunkSize) {
    const tasks = items.slice(start, start + chunkSize).map((item) => attempt(() => allowed(newTask(read(item), door), queues)))
    const answers = away ? refuse(tasks, away) : await addChunk(door, tasks)
    away ??= answers.find(isAway)
    outcomes.push(...answers)
  }
  if (away && outcomes.every(isKeptOut)) throw away
  return outcomes
}

function allowed(task: NewTask, queues: AllowedQueues): NewTask {
  if (!queues || queues.has(task.queue)) return task
  throw new TorqueError('forbidden', `this token may not add to queue ${task.queue}`, {field: 'queue'})
}

async function addChunk(door: AddDoor, tasks: (NewTask | TorqueError)[]): Promise<AddOutcome[]> {
  const outcomes = new Map<NewTask | TorqueError, AddOutcome>()
  const writes = [...byQueue(tasks)].map(async ([queue, good]) => {
    const answers = await write(door, queue, good)
    good.forEach((task, at) => outcomes.set(task, answers[at]!))
  })
  await Promise.all(writes)
  return tasks.map((task) => (task instanceof TorqueError ? task : outcomes.get(task)!))
}

function byQueue(tasks: readonly (NewTask | TorqueError)[]): Map<string, NewTask[]> {
  const queues = new Map<string, NewTask[]>()
  for (const task of tasks) {
    if (task instanceof TorqueError) continue
    const others = queues.get(task.queue)
    if (others) others.push(task)
    else queues.set(task.queue, [task])
  }
  return queues
}

/** An outcome for each task, whatever happens. */
async function write({add}: AddDoor, queue: string, tasks: NewTask[]): Promise<AddOutcome[]> {
  try {
    const outcomes = await add(queue, tasks)
    return outcomes.map((outcome, at) => (outcome instanceof TorqueError ? nameTask(outcome, tasks[at]!) : outcome))
  } catch (error) {
    if (!(error instanceof TorqueError)) throw error
    return tasks.map((task) => nameTask(error, task))
  }
}

/** Nobody knows whether it was queued: whoever sends it again under this id adds nothing twice. */
function nameTask(error: TorqueError, {id}: NewTask): TorqueError {
  if (error.code !== 'outcome_unknown' || error.id !== undefined) return error
  const hint = 'send it again with this id: nothing is added twice'
  return new TorqueError(error.code, error.message, {id, hint, cause: error})
}

/** What is left of a batch once Redis is away is not tried: each try would take as long to fail. */
function refuse(tasks: readonly (NewTask | TorqueError)[], {code, message}: TorqueError): TorqueError[] {
  const error = new TorqueError(code === 'outcome_unknown' ? 'redis_unavailable' : code, `not queued: ${message}`)
  return tasks.map((task) => (task instanceof TorqueError ? task : error))
}

function isKeptOut(outcome: AddOutcome): boolean {
  return outcome instanceof TorqueError && outcome.code !== 'outcome_unknown'
}

function isAway(outcome: AddOutcome): outcome is TorqueError {
  return outcome instanceof TorqueError && outcome.status === 503
}

function attempt<T>(read: () => T): T | TorqueError {
  try {
    return read()
  } catch (error) {
    if (error instanceof TorqueError) return error
    throw error
  }
}
