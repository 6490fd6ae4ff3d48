/** Text that would clear a screen, forge a line or hide itself, if whoever shows it let it: C0, C1, bidirectional and line controls. */
export const hostileText =
  'start\u001b[2J\u001b]0;owned\u0007\u0000\b\r\n[00:00:00] INFO: forged\t\u007f\u0085\u0090\u009b31m\u009f' +
  '\u200e\u200f\u202a\u202e\u2066\u2069\u2028\u2029\u061c\ufeff\u00ad\u{e0041}end'

/** What must not come out, but for the line ends that end a line of ours. */
const obeyed = /[^\P{Cc}\n\t]|[\p{Zl}\p{Zp}\u061c\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u

/** The first character of a text that a terminal would obey; undefined where there is none. */
export function firstObeyed(text: string): string | undefined {
  return obeyed.exec(text)?.[0]
}

/** The lines that begin as the forged one does. */
export const forgedLines = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('[00:00:00]'))
