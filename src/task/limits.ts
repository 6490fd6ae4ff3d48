/** What holds for a task that does not say otherwise. */
export interface Limits {
  maxErrors: number
  timeoutMs: number
}

export const defaultLimits: Limits = {maxErrors: 10, timeoutMs: 30_000}
