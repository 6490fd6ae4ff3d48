import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'

/** A field as it came: name and value. */
export type FormField = [name: string, value: string]

/** A form of a thousand fields is no form of ours. */
const maxFields = 1000

/**
 * Reads `application/x-www-form-urlencoded` text, from a body or a query string, in the order written. Where browsers guess
 * (a stray `%`, bytes that are no UTF-8) it refuses, so that nothing is queued that its producer did not mean. Throws `invalid_request`.
 */
export function readForm(text: string): FormField[] {
  const fields: FormField[] = []
  if (text === '') return fields
  if (text.includes('\0')) throw malformed('it has a NUL byte')
  for (let start = 0; start <= text.length;) {
    const ampersand = text.indexOf('&', start)
    const end = ampersand < 0 ? text.length : ampersand
    if (end > start) fields.push(readField(text.slice(start, end)))
    if (fields.length > maxFields) throw malformed(`it has more than ${maxFields} fields`)
    start = end + 1
  }
  return fields
}

/** A field without `=` is a name with no value. */
function readField(text: string): FormField {
  const equals = text.indexOf('=')
  return equals < 0 ? [decode(text), ''] : [decode(text.slice(0, equals)), decode(text.slice(equals + 1))]
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw malformed(`${quote(text)} is not percent-encoded UTF-8`)
  }
}

const malformed = (why: string) => new TorqueError('invalid_request', `the form cannot be read: ${why}`)
