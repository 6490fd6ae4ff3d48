import type {Dedup} from './dedup.js'
import type {OwnPolicy} from './policy.js'

/** The six states, in the order in which they are listed. */
export const taskStates = ['active', 'retrying', 'ready', 'scheduled', 'dead', 'delivered'] as const
export type TaskState = (typeof taskStates)[number]

export const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'] as const
export type Method = (typeof methods)[number]

/**
 * What a task sends. `text` is kept exactly as its producer wrote it: JSON text for `params` (an object) and `json`,
 * the body itself for `body`.
 */
export type Payload =
  | {kind: 'none'}
  | {kind: 'params'; text: string}
  | {kind: 'json'; text: string}
  | {kind: 'body'; text: string; contentType: string}

/** A task as it was added: what to call, and what it says itself of how. It does not change while the task lives. */
export interface Task extends OwnPolicy {
  id: string
  /** Absolute http(s) URL, validated. */
  url: string
  method: Method
  payload: Payload
  /** The task's own headers, names in lower case. */
  headers: Record<string, string>
  /** What it shares its lane with: the target's origin unless its producer gave a key. */
  flowKey: string
  /** Milliseconds since the epoch, Redis time. */
  createdAt: number
  /** The dedup entries it holds, as `parseDedup` makes their names; freed some time after it ends. */
  dedupKeys: string[]
}

/** A validated task on its way in: `id` is made before the first write, and the due time is Redis's to decide. */
export interface NewTask extends Omit<Task, 'createdAt'>, Dedup {
  queue: string
  /** When: a wait from the moment it is added, or an instant (ms since the epoch). */
  due: {delayMs: number} | {at: number}
  /** Equal for requests that ask for the same thing; compared under a shared dedup key, and empty where there is none. */
  fingerprint: string
}

/** One ended attempt. Null where a dead process took the answer with it. */
export interface Attempt {
  /** Counted from 1; also the fencing token. */
  attempt: number
  startedAt: number | null
  durationMs: number | null
  /** The HTTP status, where one came. */
  status: number | null
  /** Null: it delivered. */
  error: OutcomeCode | null
  message: string | null
  /** The first bytes of the answer. */
  response: string | null
  /** Where it made its connection; absent where it had one. */
  timing?: Timing
}

/** What a call spent on a connection of its own, in ms; null for what was not needed, or not reached. */
export interface Timing {
  dnsMs: number | null
  connectMs: number | null
  tlsMs: number | null
  /** From the request to the end of the answer's headers. */
  firstByteMs: number | null
}

/** What became of a task so far. Absent in Redis until its first attempt has ended. */
export interface Run {
  /** How many attempts have ended; the next one is this + 1. */
  attempts: number
  /** Errors since it was added or revived. */
  errors: number
  /** Leases lost since it was added or revived. */
  lostLeases: number
  /** When it was first due since it was added or revived, ms since the epoch. Only noted where it may get too old. */
  dueSince?: number
  /** The newest attempts, oldest first. */
  history: Attempt[]
}

export const newRun: Run = {attempts: 0, errors: 0, lostLeases: 0, history: []}

/** Why an attempt did not deliver. Documented in docs/errors.md. */
export const outcomeCodes = [
  'http_status',
  'timeout',
  'connect_refused',
  'connect_timeout',
  'connect_failed',
  'connection_reset',
  'dns',
  'tls',
  'protocol',
  'proxy',
  'egress_denied',
  'gone',
  'no_retry',
  'expired',
  'lease_lost',
  'corrupt',
  'aborted',
  'internal',
] as const
export type OutcomeCode = (typeof outcomeCodes)[number]

/** A task and where it stands, as read from Redis in one step. Instants are ms since the epoch. */
export interface TaskRecord {
  task: Task
  queue: string
  state: TaskState
  run: Run
  /** When it is or was due; for an active task when its lease ends is `leaseEndsAt`, and `dueAt` is null. */
  dueAt: number | null
  leaseEndsAt: number | null
  /** When a dead or delivered task ended. */
  endedAt: number | null
}
