/** Where the time comes from. Injected, so that a test can move it; the queue itself uses the time of Redis. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

export const systemClock: Clock = {now: () => Date.now()}
