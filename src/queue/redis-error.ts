import {TorqueError} from '../errors.js'

/** Replies of a Redis that cannot serve now but will again: nothing was done. */
const passing = /LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM/

/** ioredis's words for a command that never left this process. */
const neverSent = /isn't writeable|ECONNREFUSED|ENOENT|EACCES|ENOTFOUND|connect ETIMEDOUT/

/** The error of torque that an error of Redis, or of the way to it, means. */
export function redisError(cause: unknown): TorqueError {
  if (cause instanceof TorqueError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/\bOOM\b/.test(message)) return new TorqueError('queue_full', 'Redis is at its memory limit', {cause})
  if (passing.test(message)) return new TorqueError('redis_unavailable', `Redis cannot serve this now: ${message}`, {cause})
  if (neverSent.test(message)) return new TorqueError('redis_unavailable', 'Redis is not reachable', {cause})
  if (isLost(cause, message)) return new TorqueError('outcome_unknown', 'Redis did not answer in time', {cause})
  return new TorqueError('internal', `Redis refused a command: ${message}`, {cause})
}

/** True where the command was on its way when the connection, or our patience, ended. */
function isLost(cause: unknown, message: string): boolean {
  const code = (cause as {code?: unknown}).code
  return /timed out|Connection is closed|max retries per request/i.test(message) || code === 'ECONNRESET' || code === 'EPIPE'
}

/** The same error where the command that failed was not the one that matters: what matters was never sent. */
export function unsent(error: TorqueError): TorqueError {
  if (error.code !== 'outcome_unknown') return error
  return new TorqueError('redis_unavailable', error.message, {cause: error.cause})
}
