const signals = ['SIGINT', 'SIGTERM'] as const
export type Signal = (typeof signals)[number]

/**
 * Resolves at Ctrl-C or a request to end. A second signal, either of the two, ends the process at once: nobody listens any more,
 * or only to do `lastly` before.
 */
export function untilSignal(lastly?: () => void): Promise<Signal> {
  return new Promise((resolve) => {
    hear((signal) => {
      if (lastly) endAtNext(lastly)
      resolve(signal)
    })
  })
}

function endAtNext(lastly: () => void): void {
  hear((signal) => {
    // Somebody else has a use for it: then it would not have ended us by itself, either.
    if (process.listenerCount(signal) > 0) return endAtNext(lastly)
    lastly()
    process.kill(process.pid, signal)
  })
}

/** Listens to both, until one comes. */
function hear(heard: (signal: Signal) => void): void {
  const listener = (signal: Signal) => {
    for (const name of signals) process.off(name, listener)
    heard(signal)
  }
  for (const name of signals) process.on(name, listener)
}
