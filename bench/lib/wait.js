import {once} from 'node:events'

/** Resolves after so many ms. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A promise's value, or an error that says what was waited for in vain. */
export async function within(ms, promise, what) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The next of a child's IPC messages that has this field; that field. */
export async function message(child, field) {
  for (;;) {
    const [said] = await once(child, 'message')
    if (Object.hasOwn(said, field)) return said[field]
  }
}
