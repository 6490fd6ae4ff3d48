import {type TaskFields, invalidField} from './fields.js'
import {quote} from './quote.js'

/** W3C Trace Context: version, trace id, parent id, flags; only later versions may have more. */
const traceparent = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/
const tracestate = /^[\t -~]{1,512}$/
const member = /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/

export function isTraceparent(text: string): boolean {
  const [, version, , more] = traceparent.exec(text) ?? []
  return version !== undefined && text.length <= 255 && (version !== '00' || more === undefined)
}

export function isTracestate(text: string): boolean {
  const members = text.split(',').map((each) => each.trim())
  return tracestate.test(text) && members.length <= 32 && members.every((each) => each === '' || member.test(each))
}

/** The headers with the trace that was given with the add, which goes along with every attempt. A header of the call comes first. Throws `invalid_trace`. */
export function withTrace(headers: Record<string, string>, given: TaskFields): Record<string, string> {
  const {traceparent: parent, tracestate: state} = given
  if (parent === undefined && state === undefined) return headers
  if (parent === undefined) return invalidField('tracestate', 'goes with traceparent only')
  if (!isTraceparent(parent)) invalidField('traceparent', `${quote(parent)} is not one of W3C Trace Context`)
  if (state !== undefined && !isTracestate(state)) invalidField('tracestate', `${quote(state)} is not one of W3C Trace Context`)
  if (headers['traceparent'] !== undefined) return headers
  return {...headers, traceparent: parent, ...(state !== undefined && {tracestate: state})}
}

/** For a line of the log: the id of the trace that the task is part of, if any. */
export function traceOf({headers}: {headers: Readonly<Record<string, string>>}): {traceId?: string} {
  const traceId = headers['traceparent']?.slice(3, 35)
  return traceId === undefined ? {} : {traceId}
}
