import {patiently} from './patiently.js'

/** Resolves once it is so, for where no test runs that `expect.poll` could belong to. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patiently.timeout
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it has not come to be so: ${String(isSo)}`)
    await new Promise((resolve) => setTimeout(resolve, patiently.interval))
  }
}
