/**
 * Every error a user can meet, once: the HTTP status it becomes at the endpoint and the exit code it becomes in a shell.
 * 2 usage · 3 no such task or queue · 4 refused or not confirmed · 5 threshold or awaited task died · 69 unreachable · 124 timed out.
 */
const table = {
  invalid_request: {status: 400, exit: 2},
  invalid_url: {status: 400, exit: 2},
  invalid_params: {status: 400, exit: 2},
  invalid_json: {status: 400, exit: 2},
  invalid_body: {status: 400, exit: 2},
  invalid_content_type: {status: 400, exit: 2},
  invalid_method: {status: 400, exit: 2},
  invalid_headers: {status: 400, exit: 2},
  invalid_delay: {status: 400, exit: 2},
  invalid_at: {status: 400, exit: 2},
  invalid_queue: {status: 400, exit: 2},
  invalid_id: {status: 400, exit: 2},
  invalid_idempotency_key: {status: 400, exit: 2},
  invalid_timeout: {status: 400, exit: 2},
  invalid_max_errors: {status: 400, exit: 2},
  invalid_backoff: {status: 400, exit: 2},
  invalid_max_age: {status: 400, exit: 2},
  invalid_statuses: {status: 400, exit: 2},
  invalid_flow_key: {status: 400, exit: 2},
  invalid_unique: {status: 400, exit: 2},
  invalid_replace: {status: 400, exit: 2},
  invalid_trace: {status: 400, exit: 2},
  invalid_state: {status: 400, exit: 2},
  invalid_filter: {status: 400, exit: 2},
  invalid_limit: {status: 400, exit: 2},
  invalid_cursor: {status: 400, exit: 2},
  invalid_duration: {status: 400, exit: 2},
  invalid_schedule: {status: 400, exit: 2},
  invalid_option: {status: 400, exit: 2},
  /** A setting of a queue, or a pause. */
  invalid_setting: {status: 400, exit: 2},
  unknown_field: {status: 400, exit: 2},
  usage: {status: 400, exit: 2},
  egress_denied: {status: 400, exit: 4},
  unauthorized: {status: 401, exit: 4},
  invalid_signature: {status: 401, exit: 4},
  forbidden: {status: 403, exit: 4},
  not_found: {status: 404, exit: 3},
  no_such_task: {status: 404, exit: 3},
  no_such_queue: {status: 404, exit: 3},
  no_such_lane: {status: 404, exit: 3},
  no_such_schedule: {status: 404, exit: 3},
  method_not_allowed: {status: 405, exit: 4},
  request_timeout: {status: 408, exit: 124},
  /** The task is not in a state that allows what was asked. */
  conflict: {status: 409, exit: 4},
  idempotency_conflict: {status: 409, exit: 4},
  /** One id stands in several queues and none was named. */
  ambiguous_id: {status: 409, exit: 4},
  too_large: {status: 413, exit: 2},
  unsupported_media_type: {status: 415, exit: 2},
  headers_too_large: {status: 431, exit: 2},
  not_confirmed: {status: 400, exit: 4},
  /** What was asked would be unsafe, and torque will not do it without being told to. */
  refused: {status: 400, exit: 4},
  /** Another `serve` owns the private Redis of this directory. */
  already_running: {status: 409, exit: 4},
  redis_unavailable: {status: 503, exit: 69},
  queue_full: {status: 503, exit: 69},
  /** The write was sent and its answer never came; `id` is the task's, and sending again with it adds nothing twice. */
  outcome_unknown: {status: 503, exit: 69},
  shutting_down: {status: 503, exit: 69},
  server_unreachable: {status: 503, exit: 69},
  /** No Redis engine on this machine. */
  no_engine: {status: 503, exit: 69},
  /** The private Redis is not running, because no `serve` is. */
  engine_not_running: {status: 503, exit: 69},
  task_dead: {status: 409, exit: 5},
  timed_out: {status: 408, exit: 124},
  failed: {status: 500, exit: 1},
  internal: {status: 500, exit: 1},
} as const

export type ErrorCode = keyof typeof table

export interface ErrorDetails {
  /** The input field at fault, as the user wrote it. */
  field?: string
  /** What the user can do about it. */
  hint?: string
  /** The task the error is about. */
  id?: string
  cause?: unknown
}

/** An error a user can act on: a stable code, and a message that quotes the value at fault. */
export class TorqueError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly hint: string | undefined
  readonly id: string | undefined

  constructor(code: ErrorCode, message: string, {field, hint, id, cause}: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : {cause})
    this.name = 'TorqueError'
    this.code = code
    this.field = field
    this.hint = hint
    this.id = id
  }

  /** The HTTP status this error is answered with. */
  get status(): number {
    return table[this.code].status
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): number {
    return table[this.code].exit
  }

  /** The wire form, the same over HTTP and in a command's `--json` error. */
  toJSON(): {error: {code: ErrorCode; message: string; field?: string; hint?: string; id?: string}} {
    const {code, message, field, hint, id} = this
    return {error: {code, message, ...(field && {field}), ...(hint && {hint}), ...(id && {id})}}
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(table, code)
}
