const signals = ['SIGINT', 'SIGTERM'] as const
export type Signal = (typeof signals)[number]

/** Resolves at Ctrl-C or a request to end. A second signal, either of the two, ends the process at once: nobody listens any more. */
export function untilSignal(): Promise<Signal> {
  return new Promise((resolve) => {
    const end = (signal: Signal) => {
      for (const name of signals) process.off(name, end)
      resolve(signal)
    }
    for (const name of signals) process.on(name, end)
  })
}
