import type {Stats} from '../../queue/stats.js'
import type {Thresholds, Vitals} from '../../task/check.js'
import {badFlag, duration} from '../input/flag-value.js'

export interface CheckFlags {
  'oldest-due'?: string | undefined
  dead?: number | undefined
  ready?: number | undefined
  retrying?: number | undefined
  'error-rate'?: string | undefined
  'wait-p99'?: string | undefined
  'call-p99'?: string | undefined
  serves: number
}

/** The limits that were given, and that of serves. Throws `invalid_option`. */
export function readThresholds(flags: CheckFlags): Thresholds {
  const {dead, ready, retrying, serves} = flags
  const length = (name: 'oldest-due' | 'wait-p99' | 'call-p99') => {
    const text = flags[name]
    return text === undefined ? undefined : duration(name, text, {from: 0, to: 366 * 86_400_000})
  }
  return {
    ...(serves > 0 && {serves}),
    oldestDueMs: length('oldest-due'),
    ready,
    retrying,
    dead,
    errorRate: flags['error-rate'] === undefined ? undefined : share('error-rate', flags['error-rate']),
    waitP99Ms: length('wait-p99'),
    callP99Ms: length('call-p99'),
  } as Thresholds
}

/** `5%` or `0.05`. */
function share(flag: string, text: string): number {
  const [, digits, percent] = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? []
  const value = digits === undefined ? NaN : Number(digits) / (percent ? 100 : 1)
  if (value >= 0 && value <= 1) return value
  throw badFlag(flag, text, 'is not a share such as 5% or 0.05')
}

export function vitalsOf({totals, processes}: Stats, now: number): Vitals {
  const {delivered, errors} = totals.rates['5m']
  return {
    oldestDueMs: totals.oldestDueAt === null ? 0 : Math.max(0, now - totals.oldestDueAt),
    ready: totals.ready,
    retrying: totals.retrying,
    dead: totals.dead,
    errorRate: delivered + errors === 0 ? 0 : Number((errors / (delivered + errors)).toPrecision(3)),
    waitP99Ms: totals.waitMs.p99,
    callP99Ms: totals.deliveryMs.p99,
    serves: processes.length,
  }
}
