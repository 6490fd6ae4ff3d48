import {setTimeout as sleep} from 'node:timers/promises'

import type {ErrorCode, TorqueError} from '../errors.js'
import {type Failure, failureOf, unknownOutcome} from './failure.js'
import {type Call, type Reply, send} from './send.js'
import type {Server} from './settings.js'

/** A wait longer than this is the caller's to decide. */
const maxWaitMs = 10_000
const firstBackoffMs = 100

// What they all say: nothing was queued. After an earlier try of unknown outcome that is not so.
const queuedNothing: ErrorCode[] = ['server_unreachable', 'redis_unavailable', 'queue_full', 'shutting_down']

/**
 * POSTs JSON, or GETs where there is no body; again while it fails in a way that passes (connection refused or reset, 503 with
 * `Retry-After`). Every task in it must be named by an id or a key, so that it is queued once however often it is sent.
 */
export async function request(server: Server, call: Call): Promise<Reply> {
  let unsure = false
  for (let tries = 1; ; tries++) {
    const result = await send(server, call)
    const failure = failureOf(result, server)
    if (!failure) return result as Reply
    unsure ||= failure.unsure
    const waitMs = waitBefore(tries, failure)
    if (tries > server.retries || waitMs === null) throw finalError(failure.error, unsure)
    await sleep(waitMs)
  }
}

/** The server's wait, and a doubling, jittered one on top, so that many producers do not come back together. */
function waitBefore(tries: number, {retryAfterMs}: Failure): number | null {
  if (retryAfterMs === null || retryAfterMs > maxWaitMs) return null
  const backoffMs = Math.min(maxWaitMs, firstBackoffMs * 2 ** (tries - 1))
  return retryAfterMs + backoffMs * (0.5 + Math.random() / 2)
}

function finalError(error: TorqueError, unsure: boolean): TorqueError {
  if (!unsure || !queuedNothing.includes(error.code)) return error
  return unknownOutcome(`an earlier try may have come through, the last one did not (${error.message})`, error)
}
