/** Flags whose value, in the next word, is a secret or may hold one. */
const secretFlags = new Set(['--header', '--verify', '--secret'])

/**
 * Takes secrets out of what `ps` shows of this process: passwords in URLs, signing secrets, headers of tasks. They are better not on a
 * command line at all, which anybody on the machine can read until this has run.
 */
export function hideSecrets(process: Pick<NodeJS.Process, 'argv' | 'title'>): void {
  const words = process.argv.slice(2)
  const shown = words.map((word, index) => (secretFlags.has(words[index - 1] ?? '') ? '***' : masked(word)))
  if (shown.some((word, index) => word !== words[index])) process.title = ['torque', ...shown].join(' ')
}

function masked(word: string): string {
  const [, flag] = /^(--[a-z-]+)=/.exec(word) ?? []
  if (flag !== undefined && secretFlags.has(flag)) return `${flag}=***`
  // To the last @: a password may hold whatever its author forgot to encode.
  return word.replace(/(:\/\/).*@/s, '$1***@')
}
