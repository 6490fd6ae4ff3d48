import {TorqueError} from '../errors.js'

/** The lines of a text that are not blank. Not by `split`: a body of nothing but line ends would become millions of strings. */
export function splitLines(text: string, {maxLines}: {maxLines: number}): string[] {
  const lines: string[] = []
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const line = end > start ? text.slice(start, end) : ''
    if (line.trim() !== '') lines.push(line)
    if (lines.length > maxLines) throw new TorqueError('too_large', `the body has more than ${maxLines} lines`)
    start = end + 1
  }
  return lines
}
