/** Resolves at Ctrl-C or a request to end. A second signal ends the process at once, as if nobody listened. */
export function untilSignal(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}
