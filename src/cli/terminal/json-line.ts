import {stringifyJson} from '../../task/raw-json.js'
import {escapeJson} from '../../escape.js'

/** A value as one line of JSON. A payload is kept as it was written, line breaks between its tokens included: they may not break the line. */
export function jsonLine(value: unknown): string {
  return escapeJson(stringifyJson(value)).replaceAll('\n', ' ')
}

/** A value as a JSON document for people. */
export function jsonDocument(value: unknown): string {
  return escapeJson(stringifyJson(value, 2))
}
