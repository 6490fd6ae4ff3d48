/**
 * Takes the blanks of JSON and of forms off both ends. Not `trim()`, which takes a byte order mark too, and not a pattern,
 * which would look at a long run of blanks in the middle once for each of them.
 */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

/** Space, tab, newline, carriage return. */
function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13
}
