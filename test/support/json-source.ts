/** JSON text with the given blanks put, in turn, around its punctuation; strings are left alone. */
export function withBlanks(text: string, blanks: string[]): string {
  let turn = 0
  const blank = () => blanks[turn++ % blanks.length] ?? ''
  return text.replace(/"(?:[^"\\]|\\.)*"|[[\]{},:]/gs, (token) => (token.startsWith('"') ? token : blank() + token + blank()))
}
