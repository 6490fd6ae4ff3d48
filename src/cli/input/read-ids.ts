import {TorqueError} from '../../errors.js'
import {openInput, readLines} from './read-lines.js'

/** A line of `torque list` is far shorter. */
const longestLine = 64 * 1024

/** The ids that a command was given, each once; those of the standard input where `-` asks for it. None at all is `usage`, where one is needed. */
export async function readIds(words: readonly string[], needed?: string): Promise<string[]> {
  if (words.length === 0 && needed !== undefined) throw new TorqueError('usage', needed, {hint: 'See more help with --help.'})
  const ids = new Set(words.filter((word) => word !== '-'))
  if (ids.size === words.length || !words.includes('-')) return [...ids]
  for await (const lines of readLines(openInput('-'), {maxLength: longestLine})) {
    for (const {text} of lines) ids.add(firstColumn(text))
  }
  ids.delete('')
  return [...ids]
}

/** So that the lines of `torque list` can be piped in. */
function firstColumn(line: string): string {
  return (line.split('\t')[0] ?? '').trim()
}
