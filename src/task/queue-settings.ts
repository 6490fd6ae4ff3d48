import {TorqueError} from '../errors.js'
import {parsePolicy} from './parse-policy.js'
import type {OwnPolicy} from './policy.js'
import {quote} from './quote.js'

/** What is set for a queue, for all processes. A limit that is absent is none. */
export interface QueueSettings {
  /** Tasks started a second. */
  rate?: number
  /** Most tasks started at once under a rate; absent: a second's worth. */
  burst?: number
  /** Most active tasks. */
  concurrency?: number
  /** Most active tasks of one lane. */
  laneConcurrency?: number
  /** Tasks of one lane started a second. */
  laneRate?: number
  /** Failures in a row that set a lane aside; 0: none do; absent: 5. */
  coolDownAfter?: number
  /** What holds for its tasks where they do not say, before the flags of `serve`. */
  policy: OwnPolicy
}

interface Range {
  from: number
  to: number
}

const places = {from: 1, to: 100_000}

const limits = {
  rate: readRate,
  burst: whole({from: 1, to: 1_000_000}),
  concurrency: whole(places),
  laneConcurrency: whole(places),
  laneRate: readRate,
  coolDownAfter: whole({from: 0, to: 1000}),
} as const satisfies Record<string, (field: string, text: string) => number>

export const limitFields = Object.keys(limits) as (keyof typeof limits)[]

const curveFields = ['minBackoff', 'maxBackoff', 'factor'] as const

/** As they stand with a task. */
export const policyFields = ['timeout', 'maxErrors', ...curveFields, 'waits', 'maxAge', 'noRetry', 'success'] as const

/** Likewise. Where they may go is judged when they are called. */
const callbackFields = ['onDelivered', 'onDead'] as const

export type SettingField = (typeof limitFields)[number] | (typeof policyFields)[number] | (typeof callbackFields)[number]

export const settingFields: readonly SettingField[] = [...limitFields, ...policyFields, ...callbackFields]

/** What becomes of settings: their text as Redis is to have it, or null for one that is taken away. */
export type SettingsChange = ReadonlyMap<SettingField, string | null>

/**
 * Reads what is to be set. A value is text, as after a flag or in JSON; null, or `none`, takes the setting away. A rate is a number of
 * tasks a second, or `50/s`, `100/m`, `1000/h`, `10/d`. A list of waits takes the place of a curve, and a curve that of a list.
 * Throws `invalid_setting`, `unknown_field`, or what the same field of a task has for an error.
 */
export function parseSettings(given: Iterable<readonly [field: string, text: string | null]>): SettingsChange {
  const change = new Map<SettingField, string | null>()
  for (const [name, text] of given) {
    const field = settingFields.find((known) => known === name) ?? unknownField(name)
    change.set(field, text === null || text === 'none' ? null : readSetting(field, text))
  }
  parsePolicy(Object.fromEntries(policyFields.flatMap((field) => (change.get(field) ? [[field, change.get(field)]] : []))))
  const displaced = change.get('waits') ? curveFields : curveFields.some((field) => change.get(field)) ? (['waits'] as const) : []
  for (const field of displaced) change.set(field, null)
  return change
}

/** The settings as Redis has them, a flat list of names and values. What no torque has written so is passed over. */
export function readSettings(flat: readonly string[]): QueueSettings {
  const settings: QueueSettings = {policy: {}}
  for (let at = 0; at < flat.length; at += 2) {
    const [name = '', text = ''] = [flat[at], flat[at + 1]]
    const limit = limitFields.find((field) => field === name)
    const field = policyFields.find((known) => known === name)
    if (limit && Number.isFinite(Number(text))) settings[limit] = Number(text)
    else if (name === 'onDelivered' || name === 'onDead') settings.policy[name] = text
    else if (field) Object.assign(settings.policy, readPolicy({[field]: text}))
  }
  return settings
}

/** Why a queue stands still, and until when; instants in ms since the epoch. */
export interface Pause {
  at: number
  /** Null: until somebody resumes it. */
  until: number | null
  reason: string | null
}

/** Undefined where it is not paused, or was until before `now`. */
export function readPause(flat: readonly string[], now: number): Pause | undefined {
  const values = new Map<string, string>()
  for (let at = 0; at < flat.length; at += 2) values.set(flat[at] ?? '', flat[at + 1] ?? '')
  const [at, until] = [values.get('pausedAt'), values.get('pausedUntil')]
  if (at === undefined || (until !== undefined && Number(until) <= now)) return undefined
  return {at: Number(at), until: until === undefined ? null : Number(until), reason: values.get('pauseReason') ?? null}
}

function readSetting(field: SettingField, text: string): string {
  if (field === 'onDelivered' || field === 'onDead') return callbackUrl(field, text)
  const limit = limitFields.find((known) => known === field)
  return limit ? String(limits[limit](field, text)) : text
}

/** By the rules of a task's own url where it is called: here it is only read. */
function callbackUrl(field: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url.href
  throw new TorqueError('invalid_url', `${field} ${quote(text)} is not a URL such as http://localhost:8091/told`, {field})
}

function readPolicy(fields: Parameters<typeof parsePolicy>[0]): OwnPolicy {
  try {
    return parsePolicy(fields)
  } catch (error) {
    if (error instanceof TorqueError) return {}
    throw error
  }
}

const perUnit = {s: 1, m: 60, h: 3600, d: 86_400}

/** Slower than once in a year is no rate; faster than Redis is none either. */
const rates = {from: 1 / 366 / 86_400, to: 100_000}

function readRate(field: string, text: string): number {
  const [, count, unit = 's'] = /^(\d{1,9}(?:\.\d{1,9})?)(?:\/([smhd]))?$/.exec(text) ?? []
  const value = count === undefined ? NaN : Number(count) / perUnit[unit as keyof typeof perUnit]
  if (Number.isNaN(value)) throw invalid(field, text, 'is not a rate such as 50, 50/s, 100/m, 1000/h or 10/d')
  if (value >= rates.from && value <= rates.to) return value
  throw invalid(field, text, `is not from one in 366 days to ${rates.to}/s`)
}

function whole({from, to}: Range) {
  return (field: string, text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN
    if (value >= from && value <= to) return value
    throw invalid(field, text, `is not a whole number from ${from} to ${to}`)
  }
}

function invalid(field: string, text: string, what: string): TorqueError {
  return new TorqueError('invalid_setting', `${field} ${quote(text)} ${what}`, {field, hint: '`none` takes a setting away.'})
}

function unknownField(field: string): never {
  const known = settingFields.join(', ')
  throw new TorqueError('unknown_field', `there is no setting ${quote(field)}`, {field, hint: `settings are ${known}`})
}
