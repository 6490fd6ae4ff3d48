import {setTimeout as pause} from 'node:timers/promises'

export {pause}

/** Asks again and again until the answer is yes; an error that says what was waited for where it takes longer than `withinMs`. */
export async function until(condition, {withinMs, what, everyMs = 50}) {
  const deadline = performance.now() + withinMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs / 1000} s`)
    await pause(everyMs)
  }
}
