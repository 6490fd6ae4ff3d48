import {ReplyError} from 'ioredis'

import {TorqueError} from '../../errors.js'

/** Replies of a Redis that cannot serve now but will again: nothing was done. */
const passing = /LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM/

/** ioredis's words for a command that never left this process. */
const neverSent = /isn't writeable|ECONNREFUSED|ENOENT|EACCES|ENOTFOUND|connect ETIMEDOUT/

/** And for one whose answer it no longer waits for. */
const timedOut = 'Command timed out'

/** What the language itself throws where our own code is wrong. */
const bugs = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError]

/** The error of torque that an error of Redis, or of the way to it, means. A bug of ours is none of these, and is left as it is. */
export function redisError(cause: unknown): unknown {
  if (cause instanceof TorqueError || !(cause instanceof Error) || bugs.some((bug) => cause instanceof bug)) return cause
  return isReply(cause) ? replyError(cause) : transportError(cause)
}

/** Whether Redis itself said no, and did nothing. */
export function isReply(error: unknown): error is Error {
  return error instanceof ReplyError
}

function replyError(cause: Error): TorqueError {
  const {message} = cause
  if (/\bOOM\b/.test(message)) return new TorqueError('queue_full', 'Redis is at its memory limit', {cause})
  if (passing.test(message)) return new TorqueError('redis_unavailable', `Redis cannot serve this now: ${message}`, {cause})
  if (/^(MOVED|ASK) /.test(message)) return elsewhere(cause)
  return new TorqueError('internal', `Redis refused a command: ${message}`, {cause})
}

/** Either the cluster was named as one server, or its nodes send a command round among themselves: nothing was done. */
function elsewhere(cause: Error): TorqueError {
  return new TorqueError('redis_unavailable', `this node of a Redis Cluster does not have the key: ${cause.message}`, {
    hint: 'name the cluster: redis+cluster://h1:6379,h2:6379',
    cause,
  })
}

/** Unless it is known that the command never left, it may have been on its way when the connection, or our patience, ended. */
function transportError(cause: Error): TorqueError {
  if (neverSent.test(cause.message)) return new TorqueError('redis_unavailable', 'Redis is not reachable', {cause})
  const message =
    cause.message === timedOut ? 'Redis did not answer in time' : 'the connection to Redis was lost before it answered'
  return new TorqueError('outcome_unknown', message, {cause})
}

/** The same error where the command that failed was not the one that matters: what matters was never sent. */
export function unsent(error: unknown): unknown {
  if (!(error instanceof TorqueError) || error.code !== 'outcome_unknown') return error
  return new TorqueError('redis_unavailable', error.message, {cause: error.cause})
}
