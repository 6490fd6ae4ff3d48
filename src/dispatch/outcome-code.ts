import type {OutcomeCode} from '../task/task.js'

/** Why no answer came: a code for programs, a message for people. */
export interface Failure {
  code: OutcomeCode
  message: string
}

export interface FailureContext {
  /** Host and port as in the URL. */
  host: string
  secure: boolean
  /** The request was written: there was a connection. */
  sent: boolean
}

const byCode: Partial<Record<string, OutcomeCode>> = {
  ECONNREFUSED: 'connect_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  TORQUE_CONNECT_TIMEOUT: 'connect_timeout',
  TORQUE_LOOKUP: 'dns',
  TORQUE_EGRESS_DENIED: 'egress_denied',
  TORQUE_PROTOCOL: 'protocol',
  TORQUE_PROXY: 'proxy',
}

const tlsCode =
  /^(?:ERR_(?:TLS|SSL)_|EPROTO$|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_(?:CA|PURPOSE)$)/

/** What an error of a connection means for the task. Names the host, and no address, path or stack. */
export function failureOf(error: unknown, context: FailureContext): Failure {
  const cause = causeOf(error)
  const code = outcomeOf(cause, context)
  const words = describe[code] ?? ((host: string) => `the call to ${host} failed (${cause.code})`)
  return {code, message: words(context.host, cause)}
}

interface Cause {
  code: string
  message: string
}

/** Of several addresses tried, one that refused says most. */
function causeOf(error: unknown): Cause {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : [error]
  const causes = errors.map((each) => {
    const {code = 'unknown', message = ''} = (each ?? {}) as Partial<Cause>
    return {code: String(code), message}
  })
  return causes.find(({code}) => code === 'ECONNREFUSED') ?? causes[0] ?? {code: 'unknown', message: ''}
}

function outcomeOf({code}: Cause, {secure, sent}: FailureContext): OutcomeCode {
  if (tlsCode.test(code)) return 'tls'
  return byCode[code] ?? unlisted(code, secure, sent)
}

/** A code that no table has: what it can be follows from how far the call had come. */
function unlisted(code: string, secure: boolean, sent: boolean): OutcomeCode {
  if (/^E[A-Z]+$/.test(code)) return sent ? 'connection_reset' : code === 'ETIMEDOUT' ? 'connect_timeout' : 'connect_failed'
  // OpenSSL has a name of its own for each way in which a certificate can be bad.
  return secure && !sent && /^[A-Z_]+$/.test(code) ? 'tls' : 'internal'
}

const describe: Partial<Record<OutcomeCode, (host: string, cause: Cause) => string>> = {
  connect_refused: (host) => `${host} refused the connection`,
  connect_timeout: (host) => `no connection to ${host} in time`,
  connect_failed: (host, {code}) => `${host} cannot be reached (${code})`,
  connection_reset: (host) => `${host} closed the connection before it had answered`,
  dns: (host, {message}) => `could not look up ${host}: ${message}`,
  tls: (host, {code}) => `no trusted TLS connection to ${host} (${code})`,
  protocol: (host, {message}) => `${host} did not answer in valid HTTP/1.1 (${message})`,
  proxy: (host, {message}) => `the egress proxy opened no way to ${host}: ${message}`,
  egress_denied: (host) => `calls to ${host} are not allowed`,
}
