import {invalidField} from './fields.js'
import {type Member, readObject} from './json-text.js'
import {quote} from './quote.js'
import {trimBlanks} from './trim-blanks.js'

/** Enough for any hook, and within what receivers take. */
const maxHeaders = 64
const maxBytes = 8 << 10

/** RFC 9110: a token; visible characters, blanks and bytes above ASCII. */
const headerName = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const headerValue = /^[\t -~\u0080-\u00ff]*$/

/** What torque or the connection decides: RFC 9110 section 7.6.1, and the names of contract section 3. */
const reserved =
  /^(?:host|content-length|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|http2-settings|(?:webhook|torque)-.*)$/

/** Whether a task may have such a header; the name is in lower case. */
export function mayHaveHeader(name: string, value: string): boolean {
  return headerName.test(name) && !reserved.test(name) && headerValue.test(value)
}

/** A task's own headers from the text of a JSON object, names in lower case. Throws `invalid_headers`. */
export function parseHeaders(text: string): Record<string, string> {
  const entries = readObject(text, {code: 'invalid_headers', field: 'headers', maxKeys: maxHeaders}).map(header)
  const names = new Set<string>()
  let bytes = 0
  for (const [name, value] of entries) {
    if (names.size === names.add(name).size) invalidField('headers', `has ${quote(name)} twice`)
    bytes += name.length + value.length + ': \r\n'.length
  }
  if (bytes > maxBytes) invalidField('headers', `has ${bytes} bytes, more than ${maxBytes}`)
  return Object.fromEntries(entries)
}

function header({key, value}: Member): [name: string, value: string] {
  const name = key.toLowerCase()
  if (!headerName.test(name)) invalidField('headers', `has a name that is none: ${quote(key)}`)
  if (name === 'content-type')
    invalidField('headers', 'must not set "content-type": the payload does, and contentType where it is a body')
  if (reserved.test(name)) invalidField('headers', `must not set ${quote(name)}: torque does`)
  if (value.kind !== 'string' && value.kind !== 'number')
    invalidField('headers', `has a value for ${quote(name)} that is not a string`)
  const text = value.kind === 'string' ? trimBlanks(value.value) : value.text
  if (!headerValue.test(text))
    invalidField('headers', `has characters in the value of ${quote(name)} that no header can have: ${quote(text)}`)
  return [name, text]
}
