/**
 * Control characters (C0, DEL, C1), line and paragraph separators, lone surrogates and invisible format characters such as
 * the overrides of writing direction. Task content is hostile: none of these may reach a terminal. The joiners stay: emoji need them.
 */
// oxlint-disable-next-line no-control-regex -- finding them is the point
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]|(?![\u200c\u200d])\p{Cf}/gu

const short: Record<string, string> = {'\t': '\\t', '\n': '\\n', '\r': '\\r'}

/** One line of text that is safe to print: no TAB, no newline, nothing a terminal would obey. */
export function escapeText(text: string): string {
  return text.replace(unsafe, (char) => short[char] ?? codePointEscape(char))
}

/** Like `escapeText`, but line breaks and TABs stay: for text of our own that may quote a user's. */
export function escapeLines(text: string): string {
  return text.replace(unsafe, (char) => (char === '\n' || char === '\t' ? char : codePointEscape(char)))
}

/** JSON text that is safe to print: the same value, with what a terminal would obey written as escapes. Newlines stay. */
export function escapeJson(json: string): string {
  return json.replace(unsafe, (char) => (char === '\n' ? char : utf16Escape(char)))
}

function codePointEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0
  return code <= 0xff ? `\\x${hex(code, 2)}` : code <= 0xffff ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`
}

function utf16Escape(char: string): string {
  // Outside of strings JSON may hold these as white space, which has no escape.
  if (char === '\t' || char === '\r') return ' '
  return Array.from({length: char.length}, (_, index) => `\\u${hex(char.charCodeAt(index), 4)}`).join('')
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, '0')
}
