import {readFileSync} from 'node:fs'

/** What most systems allow a process at the least. */
const usual = 1024

/** How many files and connections this process may have open at once. Node has raised the soft limit to the hard one. */
export function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? usual : soft === 'unlimited' ? Infinity : Number(soft)
  } catch {
    // Not on Linux.
    return usual
  }
}
