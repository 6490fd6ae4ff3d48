import {TorqueError} from '../errors.js'
import {type TaskState, taskStates} from '../task/task.js'
import type {Position} from './scripts/scan.js'

/** Where a listing over queues and states stands: behind this task. */
export interface Cursor extends Position {
  state: TaskState
  queue: string
}

export function encodeCursor({state, score, member, queue}: Cursor): string {
  return Buffer.from(JSON.stringify([state, score, member, queue])).toString('base64url')
}

/** Throws `invalid_cursor` for anything `encodeCursor` did not make. */
export function decodeCursor(text: string): Cursor {
  try {
    const [state, score, member, queue, ...more] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[]
    if (
      isState(state) &&
      Number.isFinite(score) &&
      typeof member === 'string' &&
      typeof queue === 'string' &&
      more.length === 0
    ) {
      return {state, score: score as number, member, queue}
    }
  } catch {
    // Falls through: whatever it is, it is not one of ours.
  }
  throw new TorqueError('invalid_cursor', `not a cursor that torque gave out: ${JSON.stringify(text.slice(0, 100))}`, {
    field: 'cursor',
  })
}

function isState(value: unknown): value is TaskState {
  return (taskStates as readonly unknown[]).includes(value)
}
