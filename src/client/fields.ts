import type {Method} from '../task/task.js'

/** A web hook to call. At most one of `params`, `json` and `body`; everything but `url` may be left out. */
export interface TaskFields {
  /** Where to send it: http(s), or relative to the server's `--base-task-url`. */
  url: string
  /** Sent as a form, in this order. A string must hold the JSON text of an object, and is then sent exactly as written (`1.0`, 20 digits). */
  params?: Record<string, unknown> | string | undefined
  /** Any JSON value, sent as `application/json`; `null` is a value too. */
  json?: unknown
  /** Sent as it is, with `contentType`. */
  body?: string | undefined
  /** Of `body`; `text/plain; charset=utf-8`. */
  contentType?: string | undefined
  /** POST. */
  method?: Method | undefined
  /** Headers of the task's own. */
  headers?: Record<string, string> | undefined
  /** The least wait before the call: seconds, or a duration such as `"500ms"` or `"2h"`. */
  delay?: number | string | undefined
  /** The earliest instant of the call, instead of `delay`: a `Date`, or ISO 8601 with its zone. */
  at?: Date | string | undefined
  /** `default`. */
  queue?: string | undefined
  /** Names the task, so that adding it again adds nothing twice; made by the client when absent. */
  id?: string | undefined
  /** The same for a key of the producer's own choosing. */
  idempotencyKey?: string | undefined
  /** The longest one attempt may take: seconds or a duration. */
  timeout?: number | string | undefined
  /** The error on which it is binned. */
  maxErrors?: number | undefined
  /** The wait after the first error, the longest wait, and by how much each exceeds the last: seconds or durations, and a number. */
  minBackoff?: number | string | undefined
  maxBackoff?: number | string | undefined
  factor?: number | undefined
  /** In place of such a curve: the waits after the first error, the second, and so on. The last one goes on. */
  waits?: readonly (number | string)[] | string | undefined
  /** It is given up so long after it was first due: seconds or a duration. */
  maxAge?: number | string | undefined
  /** Statuses after which there is no other attempt: `[400, 401, '5xx']`. */
  noRetry?: readonly (number | string)[] | string | undefined
  /** Statuses that are a success besides 2xx. */
  success?: readonly (number | string)[] | string | undefined
  /** URLs to call, too, once it is delivered, or dead: ordinary tasks of the same queue. */
  onDelivered?: string | undefined
  onDead?: string | undefined
  /** Add nothing where the same url and content was added within this time: seconds or a duration. */
  unique?: number | string | undefined
  /** A key: a task with it that still waits takes this one's content and due time, and nothing is added. */
  replace?: string | undefined
  /** The trace that its calls are part of (W3C Trace Context). */
  traceparent?: string | undefined
  tracestate?: string | undefined
  /** Tasks of one key are started in order and limited together; the target's origin when absent. */
  flowKey?: string | undefined
}
