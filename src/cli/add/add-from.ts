import {TorqueError} from '../../errors.js'
import {fieldsFromJson, type TaskFields} from '../../task/fields.js'
import type {AddView} from '../../task/view.js'
import type {InputLine} from '../input/read-lines.js'
import type {TaskDoor} from './task-door.js'

/** What became of one line: added, or the error that kept it out. */
export interface LineResult {
  line: number
  result: AddView | TorqueError
}

export interface AddFromOptions {
  lines: AsyncIterable<InputLine[]>
  door: TaskDoor
  /** For tasks that name no queue. */
  queue: string | undefined
  signal: AbortSignal
  onResults: (results: LineResult[]) => Promise<void>
}

/** As many tasks as one script call takes. */
const batchSize = 500

/** Adds a stream of tasks, a JSON object a line, in batches as they arrive. A bad line does not keep the others out. */
export async function addFrom({lines, door, queue, signal, onResults}: AddFromOptions): Promise<void> {
  for await (const arrived of lines) {
    const filled = arrived.filter(({text, error}) => error !== null || text.trim() !== '')
    for (let start = 0; start < filled.length; start += batchSize) {
      if (signal.aborted) return
      await addBatch(filled.slice(start, start + batchSize), {door, queue, onResults})
    }
    if (signal.aborted) return
  }
}

type BatchOptions = Pick<AddFromOptions, 'door' | 'queue' | 'onResults'>

async function addBatch(lines: InputLine[], {door, queue, onResults}: BatchOptions): Promise<void> {
  const parsed = lines.map((line) => ({line: line.number, fields: parseLine(line, queue)}))
  const good = parsed.flatMap(({fields}) => (fields instanceof TorqueError ? [] : [fields]))
  const {answers, failure} = await tryAdd(door, good)
  await onResults(
    parsed.map(({line, fields}) => ({line, result: fields instanceof TorqueError ? fields : (answers.shift() ?? unknown())})),
  )
  if (failure) throw failure
}

/** When the whole call fails, that is each line's result, so that they can be told from those that are in. A failure ends it. */
async function tryAdd(door: TaskDoor, tasks: TaskFields[]): Promise<{answers: (AddView | TorqueError)[]; failure?: TorqueError}> {
  if (tasks.length === 0) return {answers: []}
  try {
    const answers = await door.add(tasks)
    const failure = answers.find((answer) => answer instanceof TorqueError && answer.status === 503)
    return {answers, ...(failure instanceof TorqueError && {failure})}
  } catch (error) {
    if (!(error instanceof TorqueError)) throw error
    return {answers: tasks.map(() => error), failure: error}
  }
}

function parseLine({text, error}: InputLine, queue: string | undefined): TaskFields | TorqueError {
  if (error) return error
  try {
    return {...(queue !== undefined && {queue}), ...fieldsFromJson(text)}
  } catch (cause) {
    if (cause instanceof TorqueError) return cause
    throw cause
  }
}

function unknown(): TorqueError {
  return new TorqueError('internal', 'no answer came for this line')
}
