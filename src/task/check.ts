/** What a queue looks like to somebody who watches over it. Lengths are ms. */
export interface Vitals {
  /** How long the first waiting task has been due; 0 for none that is. */
  oldestDueMs: number
  ready: number
  retrying: number
  dead: number
  /** Of the attempts of the last five minutes, 0 to 1; 0 where there were none. */
  errorRate: number
  /** The 99th percentiles of the last five minutes; null where there were none. */
  waitP99Ms: number | null
  callP99Ms: number | null
  /** Live `serve` processes. */
  serves: number
}

export type VitalName = keyof Vitals

/** The limits of a check: at least so many serves, and at most so much of everything else. */
export type Thresholds = Partial<Record<VitalName, number>>

export interface Checked {
  name: VitalName
  /** Null: nothing was measured, which crosses no limit. */
  value: number | null
  limit: number
  ok: boolean
}

/** Holds the vitals against those limits that are set. */
export function check(vitals: Vitals, thresholds: Thresholds): Checked[] {
  return (Object.entries(thresholds) as [VitalName, number | undefined][]).flatMap(([name, limit]) => {
    if (limit === undefined) return []
    const value = vitals[name]
    const ok = value === null || (name === 'serves' ? value >= limit : value <= limit)
    return [{name, value, limit, ok}]
  })
}
