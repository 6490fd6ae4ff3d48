import {expect} from 'vitest'

import {patiently} from './patiently.js'

/** Tries until it does not throw. */
export async function untilDone<T>(action: () => Promise<T>): Promise<void> {
  const tried = () =>
    action().then(
      () => 'done',
      (error: Error) => error.message,
    )
  await expect.poll(tried, patiently).toBe('done')
}
