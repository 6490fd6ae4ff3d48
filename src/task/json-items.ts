import {TorqueError} from '../errors.js'
import {trimBlanks} from './trim-blanks.js'

/** The next character that matters to where items end; inside a string only its end does. */
const mark = /["[\]{},]/g
const stringEnd = /["\\]/g

/**
 * The source texts of the items of a JSON array, blanks around them included. It only looks for where items end: each is
 * to be read by itself (`readObject`), so that a bad one spoils no other. Throws `invalid_json` where the text is no array at
 * all, `too_large` beyond `maxItems`.
 */
export function splitItems(text: string, {maxItems}: {maxItems: number}): string[] {
  const trimmed = trimBlanks(text)
  if (!trimmed.startsWith('[') || !trimmed.endsWith(']') || trimmed.length < 2) fail('must be an array')
  const items: string[] = []
  for (const end of itemEnds(trimmed)) {
    if (items.length === maxItems) throw new TorqueError('too_large', `the array has more than ${maxItems} items`)
    items.push(trimmed.slice(end.from, end.to))
  }
  return items.length === 1 && trimBlanks(items[0]!) === '' ? [] : items
}

function* itemEnds(text: string): Generator<{from: number; to: number}> {
  const last = text.length - 1
  let [from, depth] = [1, 0]
  for (let at = next(mark, text, 1); at < last; at = next(mark, text, at + 1)) {
    const char = text[at]
    if (char === '"') at = endOfString(text, at)
    else if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth--
    else if (depth === 0) {
      yield {from, to: at}
      from = at + 1
    }
    if (depth < 0 || at >= last) fail('is not valid JSON: its brackets or quotes do not match')
  }
  if (depth !== 0) fail('is not valid JSON: its brackets or quotes do not match')
  yield {from, to: last}
}

function endOfString(text: string, start: number): number {
  let at = next(stringEnd, text, start + 1)
  while (text[at] === '\\') at = next(stringEnd, text, at + 2)
  return at
}

/** Where the pattern, a global one, next matches; the length of the text when it does not. */
function next(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex - 1 : text.length
}

function fail(what: string): never {
  throw new TorqueError('invalid_json', `the body ${what}`)
}
