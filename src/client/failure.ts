import {TorqueError, isErrorCode} from '../errors.js'
import type {NoAnswer, Reply} from './send.js'
import type {Server} from './settings.js'

/** Why one try came to nothing, and whether another one may fare better. */
export interface Failure {
  error: TorqueError
  /** Null: trying again would not help. Else the least wait the server asked for. */
  retryAfterMs: number | null
  /** The tasks may have been queued all the same. */
  unsure: boolean
}

const transient = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN'])

export function failureOf(result: Reply | NoAnswer, server: Server): Failure | null {
  if ('cause' in result) return unanswered(result, server)
  if (result.status >= 200 && result.status < 300) return null
  return refused(result, server)
}

function unanswered({cause, sent, timedOut}: NoAnswer, {url, urlFrom}: Server): Failure {
  const reason = reasonOf(cause)
  const again = !timedOut && transient.has(codeOf(cause))
  if (sent)
    return {
      error: unknownOutcome(`the answer of ${placeOf(url)} never came (${reason})`, cause),
      retryAfterMs: again ? 0 : null,
      unsure: true,
    }
  const error = new TorqueError('server_unreachable', `no torque answers at ${placeOf(url)} (${reason})`, {
    hint: isDistrust(cause) ? caHint : `start one with \`torque serve\`, or name another with ${urlFrom}`,
    cause,
  })
  return {error, retryAfterMs: again ? 0 : null, unsure: false}
}

/** Scheme, host and port; or the whole of `unix:/run/torque.sock`, which has neither. */
const placeOf = (url: URL) => (url.protocol === 'unix:' ? url.href : url.origin)

/** It answers, and its certificate is none that Node trusts by itself. */
const distrusts = new Set(['SELF_SIGNED_CERT_IN_CHAIN', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])
const isDistrust = (cause: Error) => distrusts.has(codeOf(cause)) || codeOf(cause).startsWith('UNABLE_TO_GET_ISSUER_CERT')
const caHint = 'set NODE_EXTRA_CA_CERTS to a file with the certificate of the authority that signed its own'

/** What to throw when nobody knows whether the request was carried out. */
export function unknownOutcome(why: string, cause: Error): TorqueError {
  return new TorqueError('outcome_unknown', `${why}: the tasks may have been queued`, {
    hint: 'add again with the same id: nothing is added twice',
    cause,
  })
}

function refused({status, retryAfter, text}: Reply, {url}: Server): Failure {
  const error = toldError(text) ?? guessedError(status, url)
  const unsure = error.code === 'outcome_unknown'
  return {error, retryAfterMs: status === 503 ? readRetryAfter(retryAfter) : null, unsure}
}

/** The error the server sent, if it is one of ours. */
function toldError(text: string): TorqueError | null {
  const told = errorIn(text)
  return told ? readError(told) : null
}

/** An error in its wire form, made whole again; a code of a newer server becomes `failed` with its message. */
export function readError(told: Record<string, unknown>): TorqueError {
  const [code, message, field, hint, id] = ['code', 'message', 'field', 'hint', 'id'].map((key) => stringIn(told[key]))
  const details = {...(field && {field}), ...(hint && {hint}), ...(id && {id})}
  if (code && isErrorCode(code)) return new TorqueError(code, message ?? code, details)
  return new TorqueError('failed', `${code ?? 'error'}: ${message ?? 'no message'}`, details)
}

function errorIn(text: string): Record<string, unknown> | null {
  try {
    const body: unknown = JSON.parse(text)
    const error: unknown = isObject(body) ? body['error'] : null
    return isObject(error) ? error : null
  } catch {
    return null
  }
}

const byStatus = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'too_large',
  502: 'outcome_unknown',
  503: 'server_unreachable',
  504: 'outcome_unknown',
} as const

/** Something else than torque answered, a proxy in front of it perhaps. */
function guessedError(status: number, url: URL): TorqueError {
  const code = byStatus[status as keyof typeof byStatus] ?? 'failed'
  return new TorqueError(code, `${placeOf(url)} answered ${status}, and not as torque does`, {
    hint: 'check that the url names a torque server',
  })
}

function readRetryAfter(header: string | undefined): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const stringIn = (value: unknown) => (typeof value === 'string' ? value : undefined)

// A name with several addresses fails with one error for each, and an empty message of its own.
const firstOf = (cause: Error) => (cause instanceof AggregateError && cause.errors[0] instanceof Error ? cause.errors[0] : cause)
const reasonOf = (cause: Error) => firstOf(cause).message || codeOf(cause)
const codeOf = (cause: Error) => String((cause as NodeJS.ErrnoException).code ?? (firstOf(cause) as NodeJS.ErrnoException).code)
