import {trimBlanks} from '../task/trim-blanks.js'

/** The receiver did not answer in valid HTTP/1.1; the message says what is wrong. */
export class ProtocolError extends Error {
  readonly code = 'TORQUE_PROTOCOL'
}

/** What stands before the body of an answer, as far as torque goes by it. */
export interface ResponseHead {
  readonly status: number
  /** How the body ends: after so many bytes, with its last chunk, or with the connection. */
  readonly body: number | 'chunked' | 'close'
  /** The connection may carry another call. */
  readonly keepAlive: boolean
  /** How long the receiver keeps an idle connection, in s, where it says so. */
  readonly keepAliveSeconds: number | undefined
  /** `Retry-After` and `torque-retry` as sent; the first, where there are several. */
  readonly retryAfter: string | undefined
  readonly torqueRetry: string | undefined
}

type Fields = ReadonlyMap<string, readonly string[]>

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t -~\x80-\xff]*)?$/
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const fieldValue = /^[\t -~\x80-\xff]*$/

/** The answers of one receiver begin alike, but for their date: most are read once a second. */
let last: {text: string; head: ResponseHead} | undefined

/**
 * Reads a status line and fields (RFC 9112), their bytes as latin1, without the empty line after them. Throws `ProtocolError`
 * for all that could be understood in two ways.
 */
export function readHead(text: string): ResponseHead {
  if (last?.text !== text) last = {text, head: parseHead(text)}
  return last.head
}

function parseHead(text: string): ResponseHead {
  const [line = '', ...lines] = text.split('\r\n')
  const [, minor, code] = statusLine.exec(line) ?? []
  if (code === undefined) throw new ProtocolError('no valid status line')
  const fields = readFields(lines)
  const status = Number(code)
  const body = bodyOf(status, fields)
  return {
    status,
    body,
    // Where none may follow but one is announced, it may come all the same.
    keepAlive:
      minor === '1' &&
      !(body === 0 && announcesBody(fields)) &&
      !/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(listOf(fields, 'connection')),
    keepAliveSeconds: secondsOf(listOf(fields, 'keep-alive')),
    retryAfter: fields.get('retry-after')?.[0],
    torqueRetry: fields.get('torque-retry')?.[0],
  }
}

function readFields(lines: readonly string[]): Fields {
  const fields = new Map<string, string[]>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const [name, text] = [line.slice(0, Math.max(colon, 0)).toLowerCase(), line.slice(colon + 1)]
    if (!fieldName.test(name)) throw new ProtocolError('a header field without a valid name')
    if (!fieldValue.test(text)) throw new ProtocolError('a header field with characters that none may have')
    const value = trimBlanks(text)
    const known = fields.get(name)
    if (known) known.push(value)
    else fields.set(name, [value])
  }
  return fields
}

/** RFC 9112, section 6.3; whoever sends both a length and an encoding may mean another to read it otherwise. */
function bodyOf(status: number, fields: Fields): ResponseHead['body'] {
  const [lengths, encodings] = [fields.get('content-length'), fields.get('transfer-encoding')]
  if (lengths && encodings) throw new ProtocolError('both Content-Length and Transfer-Encoding')
  if (lengths && (lengths.length > 1 || !/^\d{1,15}$/.test(lengths[0]!))) throw new ProtocolError('no valid Content-Length')
  if (status < 200 || status === 204 || status === 304) return 0
  if (lengths) return Number(lengths[0])
  return encodings && /(?:^|,)[ \t]*chunked$/i.test(encodings.join()) ? 'chunked' : 'close'
}

function announcesBody(fields: Fields): boolean {
  return Number(fields.get('content-length')?.[0] ?? 0) > 0 || fields.has('transfer-encoding')
}

function listOf(fields: Fields, name: string): string {
  return fields.get(name)?.join() ?? ''
}

function secondsOf(keepAlive: string): number | undefined {
  const [, seconds] = /(?:^|,)[ \t]*timeout=(\d{1,9})/i.exec(keepAlive) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}
