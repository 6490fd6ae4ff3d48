/** Needs no quotes in any shell. */
const harmless = /^[\w@%+=:,./-]+$/

/** Printable as it is: anything else could be obeyed by the terminal on which the command is shown. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

/** One word for a shell: `'…'`, or `$'…'` (bash, zsh, ksh, and POSIX since 2024) where it holds what must not be printed. */
export function shellQuote(word: string): string {
  if (harmless.test(word)) return word
  if (!unprintable.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`
  return `$'${Array.from(word, escapeChar).join('')}'`
}

function escapeChar(char: string): string {
  if (char === '\\' || char === "'") return `\\${char}`
  if (!unprintable.test(char)) return char
  // Octal, always three digits: a hexadecimal escape would swallow digits that follow it.
  return Array.from(Buffer.from(char), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
