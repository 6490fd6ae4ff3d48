import {readFileSync, readdirSync} from 'node:fs'

/** Ids of the processes whose environment holds this text: those that a test started, and theirs. Linux only; elsewhere none. */
export function processesWith(mark: string): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(mark))
    .map(Number)
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    // It has ended meanwhile, or is another user's.
    return ''
  }
}
