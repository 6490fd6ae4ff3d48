import type {Styles} from '../terminal/color.js'
import {escapeText} from '../../escape.js'
import type {ReceivedCall} from './receiver.js'

/** A person sees this much of a body on a terminal. */
const shownChars = 1000

/** A received call in two lines for a person: what came and how it was answered, and the body. */
export function describeCall(call: ReceivedCall, {bold, cyan, dim, green, red}: Styles): string {
  const answer = (call.status < 300 ? green : red)(`→ ${call.status}`)
  const what = `${bold(escapeText(call.method))} ${cyan(escapeText(call.path))}`
  const facts = [header(call, 'webhook-id'), attemptOf(call), signatureOf(call)].filter((fact) => fact !== '').map(escapeText)
  const body = bodyLines(call).map((line) => `  ${line}\n`)
  return `${dim(timeOf(call))} ${what} ${answer}${facts.length > 0 ? `  ${dim(facts.join(' · '))}` : ''}\n${body.join('')}`
}

/** The same as cells of a TAB-separated line: time, method, path, status answered, id, attempt, queue, signature, body. */
export function callCells(call: ReceivedCall): string[] {
  const {receivedAt, method, path, status, verified, body} = call
  const [id, attempt, queue] = ['webhook-id', 'torque-attempt', 'torque-queue'].map((name) => header(call, name))
  const signature = verified === null ? '' : verified ? 'ok' : 'bad'
  return [new Date(receivedAt).toISOString(), method, path, String(status), id!, attempt!, queue!, signature, body.toString()]
}

/** The same as a document of `--ndjson`. */
export function callDocument(call: ReceivedCall): Record<string, unknown> {
  const {receivedAt, method, path, status, verified, reason, headers, body} = call
  return {
    receivedAt: new Date(receivedAt).toISOString(),
    method,
    path,
    status,
    id: header(call, 'webhook-id') || null,
    attempt: Number(header(call, 'torque-attempt')) || null,
    queue: header(call, 'torque-queue') || null,
    verified,
    reason,
    headers,
    body: body.toString(),
  }
}

function header({headers}: ReceivedCall, name: string): string {
  return [headers[name] ?? []].flat().join(', ')
}

function attemptOf(call: ReceivedCall): string {
  const [attempt, most] = [header(call, 'torque-attempt'), header(call, 'torque-max-errors')]
  return attempt && `attempt ${attempt}${most && `, ${most} errors at most`}`
}

function signatureOf({verified, reason}: ReceivedCall): string {
  if (verified === null) return ''
  return verified ? 'signature good' : `signature bad: ${reason}`
}

function timeOf({receivedAt}: ReceivedCall): string {
  return new Date(receivedAt).toTimeString().slice(0, 8)
}

/** The body, a form decoded to a field a line; nothing for an empty one. */
function bodyLines({body, headers}: ReceivedCall): string[] {
  if (body.length === 0) return []
  const text = body.toString('utf8', 0, shownChars * 4)
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  const shown = isForm ? [...new URLSearchParams(text)].map(([key, value]) => `${key} = ${value}`).join('\n') : text
  const cut = shown.length > shownChars || body.length > shownChars * 4
  const lines = shown.slice(0, shownChars).split('\n').map(escapeText)
  return cut ? [...lines, `… (${body.length} bytes in all)`] : lines
}
