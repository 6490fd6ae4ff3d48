const blanks = new Set([' ', '\t', '\n', '\r'])

/**
 * Takes the blanks of JSON and of forms off both ends. Not `trim()`, which takes a byte order mark too, and not a pattern,
 * which would look at a long run of blanks in the middle once for each of them.
 */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && blanks.has(text.charAt(start))) start++
  while (end > start && blanks.has(text.charAt(end - 1))) end--
  return text.slice(start, end)
}
