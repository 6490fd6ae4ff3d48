import {type Histogram, bucketCount, bucketOf, percentile} from '../task/histogram.js'
import type {QueueContext} from './context.js'
import {type Minute, readTallies} from './scripts/tallies.js'
import {addTally} from './scripts/tally.js'

/** What became of an attempt, as it counts here. */
export interface Tallied {
  outcome: 'delivered' | 'retrying' | 'dead'
  /** How long after its due time its call began, in ms. */
  waitMs: number
  /** How long its call took, in ms. */
  durationMs: number
}

/** What the attempts of one queue came to, until it is written. Cheap to add to: every attempt does. */
export class Tally {
  readonly #outcomes = {delivered: 0, retrying: 0, dead: 0}
  readonly #waits = new Uint32Array(bucketCount)
  readonly #durations = new Uint32Array(bucketCount)

  add({outcome, waitMs, durationMs}: Tallied): void {
    this.#outcomes[outcome] += 1
    this.#waits[bucketOf(waitMs)]! += 1
    this.#durations[bucketOf(durationMs)]! += 1
  }

  /** As it is stored: names are short, since a minute's hash is to stay small. */
  fields(): Map<string, number> {
    const {delivered, retrying, dead} = this.#outcomes
    const fields = new Map([
      ['d', delivered],
      ['e', retrying + dead],
      ['x', dead],
    ])
    this.#waits.forEach((count, bucket) => void (count > 0 && fields.set(`w${bucket}`, count)))
    this.#durations.forEach((count, bucket) => void (count > 0 && fields.set(`c${bucket}`, count)))
    return fields
  }
}

export function writeTally(context: QueueContext, tally: Tally): Promise<void> {
  return addTally(context, tally.fields())
}

/** The windows that rates are told for, in minutes. */
export const windows = {'1m': 1, '5m': 5, '1h': 60} as const
export type WindowName = keyof typeof windows

/** Percentiles are told for this one. */
const percentileWindow = windows['5m']

/** Per second. */
export interface Rates {
  /** Null: nobody counted at its beginning. */
  added: number | null
  delivered: number
  /** Attempts that failed, those that binned their task included. */
  errors: number
  dead: number
}

/** In ms, of the last five minutes; null where there were none. */
export interface Percentiles {
  p50: number | null
  p95: number | null
  p99: number | null
}

/** How a queue has fared of late. */
export interface Pace {
  rates: Record<WindowName, Rates>
  /** From when a task was due until its call began. */
  waitMs: Percentiles
  /** How long calls took. */
  deliveryMs: Percentiles
}

/** One queue's share of it. */
interface Part {
  minutes: readonly Minute[]
  /** How many tasks had ever been added when this was read. */
  addedTotal: number
  /** How much of the current minute had passed, 0 to 1. */
  elapsed: number
}

/** What is known of the last hour of one queue, or of several together. */
export class RecentTallies {
  readonly #parts: readonly Part[]

  private constructor(parts: readonly Part[]) {
    this.#parts = parts
  }

  static async read(context: QueueContext): Promise<RecentTallies> {
    const {now, addedTotal, minutes} = await readTallies(context, windows['1h'] + 1)
    return new RecentTallies([{minutes, addedTotal, elapsed: (now % 60_000) / 60_000}])
  }

  static join(all: readonly RecentTallies[]): RecentTallies {
    return new RecentTallies(all.flatMap((one) => one.#parts))
  }

  pace(): Pace {
    const entries = Object.entries(windows).map(([name, minutes]) => [name, this.#rates(minutes)])
    return {
      rates: Object.fromEntries(entries) as Pace['rates'],
      waitMs: percentiles(this.#histogram('w')),
      deliveryMs: percentiles(this.#histogram('c')),
    }
  }

  #rates(minutes: number): Rates {
    const perSecond = (field: string) => round(this.#sum(field, minutes) / (minutes * 60))
    return {added: this.#added(minutes), delivered: perSecond('d'), errors: perSecond('e'), dead: perSecond('x')}
  }

  /** Of the minute in which a window begins, only its share counts. */
  #sum(field: string, minutes: number): number {
    let sum = 0
    for (const part of this.#parts) {
      for (const {ago, fields} of part.minutes) sum += (fields.get(field) ?? 0) * weight(ago, minutes, part.elapsed)
    }
    return sum
  }

  /** From how many had been added when the window began, where somebody counted then, or before. */
  #added(minutes: number): number | null {
    let sum = 0
    for (const part of this.#parts) {
      const start = part.minutes.find(({ago}) => ago >= minutes)
      const begun = start?.fields.get('a')
      if (begun === undefined) return null
      sum += (part.addedTotal - begun) / (start!.ago + part.elapsed)
    }
    return round(sum / 60)
  }

  #histogram(kind: 'w' | 'c'): Histogram {
    const histogram = new Map<number, number>()
    for (const {minutes, elapsed} of this.#parts) {
      for (const {ago, fields} of minutes) {
        const share = weight(ago, percentileWindow, elapsed)
        if (share === 0) continue
        for (const [name, count] of fields) {
          if (!name.startsWith(kind)) continue
          const bucket = Number(name.slice(1))
          histogram.set(bucket, (histogram.get(bucket) ?? 0) + count * share)
        }
      }
    }
    return histogram
  }
}

/** How much of a minute lies in a window that ends now; `elapsed` is how much of the current minute has passed, 0 to 1. */
function weight(ago: number, minutes: number, elapsed: number): number {
  if (ago < minutes) return 1
  return ago === minutes ? 1 - elapsed : 0
}

function percentiles(histogram: Histogram): Percentiles {
  return {p50: percentile(histogram, 0.5), p95: percentile(histogram, 0.95), p99: percentile(histogram, 0.99)}
}

/** To three digits that matter. */
function round(rate: number): number {
  return Number(rate.toPrecision(3))
}
