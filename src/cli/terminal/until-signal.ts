const signals = ['SIGINT', 'SIGTERM'] as const
export type Signal = (typeof signals)[number]

/**
 * Resolves at Ctrl-C or a request to end. A second signal, either of the two, ends the process: at once, as nobody listens any
 * more, or when it has done `lastly`, unless a third one comes first.
 */
export function untilSignal(lastly?: () => Promise<void>): Promise<Signal> {
  return new Promise((resolve) => {
    hear((signal) => {
      if (lastly) endAtNext(lastly)
      resolve(signal)
    })
  })
}

function endAtNext(lastly: () => Promise<void>): void {
  hear((signal) => {
    // Somebody else has a use for it: then it would not have ended us by itself, either.
    if (process.listenerCount(signal) > 0) return endAtNext(lastly)
    void lastly().finally(() => process.kill(process.pid, signal))
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
