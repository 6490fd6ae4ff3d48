import {TorqueError} from '../errors.js'
import type {TaskState} from '../task/task.js'
import type {EncodedTask} from './encode.js'
import {isObject, readError} from './failure.js'

/** What became of an added task. */
export interface AddedTask {
  id: string
  queue: string
  state: TaskState
  /** ISO 8601; null once the task is active or has ended. */
  dueAt: string | null
  /** It had been added before (same `id` or `idempotencyKey`, same content; or `unique`), and nothing was added now. */
  duplicate: boolean
  /** A waiting task with the same `replace` key has taken its content and due time. */
  replaced?: true
}

/** The answer to one task. Throws what the server says kept it out. */
export function readResult(text: string, task: EncodedTask): AddedTask {
  const result = resultOf(parseAnswer(text), task)
  if (result instanceof TorqueError) throw result
  return result
}

/** The answer to a batch: a result per task, errors as values. */
export function readResults(text: string, tasks: EncodedTask[]): (AddedTask | TorqueError)[] {
  const answers = parseAnswer(text)
  if (!Array.isArray(answers) || answers.length !== tasks.length) throw notTorque()
  return tasks.map((task, index) => resultOf(answers[index], task))
}

function resultOf(answer: unknown, task: EncodedTask): AddedTask | TorqueError {
  if (!isAddedTask(answer)) {
    const error = isObject(answer) && isObject(answer['error']) ? readError(answer['error']) : notTorque()
    return nameTask(error, task.id ?? error.id)
  }
  const {id, queue, state, dueAt, duplicate, replaced} = answer
  // Under an id made here a "duplicate" can only be our own earlier try.
  const isOwnTry = task.ownId && id === task.id
  return {id, queue, state, dueAt, duplicate: duplicate && !isOwnTry, ...(replaced && {replaced})}
}

function isAddedTask(answer: unknown): answer is AddedTask {
  return isObject(answer) && typeof answer['id'] === 'string' && typeof answer['state'] === 'string'
}

/** The same error about the task of this id: whoever adds that task again with it adds nothing twice. */
export function nameTask(error: TorqueError, id: string | undefined): TorqueError {
  if (error.id === id) return error
  const {code, message, field, hint, cause} = error
  return new TorqueError(code, message, {cause, ...(id && {id}), ...(field && {field}), ...(hint && {hint})})
}

/** An answer's JSON. Throws `failed` where it has none: something else than torque answered. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notTorque(cause)
  }
}

const notTorque = (cause?: unknown) =>
  new TorqueError('failed', 'the server answered, but not as torque does', {
    hint: 'check that the url names a torque server',
    cause,
  })
