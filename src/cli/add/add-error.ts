import {TorqueError} from '../../errors.js'
import type {TaskFields} from '../../task/fields.js'

export interface AddContext {
  /** The task as it was described. */
  fields: TaskFields
  /** Where it was sent, if not to Redis. */
  server: string | undefined
}

/** The error that kept a task out, with what a person at the command line can do about it. */
export function addError(error: TorqueError, {fields, server}: AddContext): TorqueError {
  const {code, message, field, id, cause} = error
  const hint = code === 'outcome_unknown' ? resendHint(id) : code === 'invalid_url' ? urlHint(fields.url, server) : undefined
  if (hint === undefined) return error
  return new TorqueError(code, message, {hint, cause, ...(field && {field}), ...(id && {id})})
}

function resendHint(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `Add it again with --id ${id}: nothing is added twice.`
}

function urlHint(url = '', server: string | undefined): string | undefined {
  if (url.trim() === '') return 'Give the URL to call: torque add URL.'
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url)) return undefined
  return server === undefined
    ? 'Write the URL in full, say what it is relative to with --base-task-url or TORQUE_BASE_TASK_URL, or let a serve decide with --server.'
    : 'Write the URL in full, or start that serve with --base-task-url.'
}
