import {TorqueError} from '../errors.js'
import {parseDuration} from './duration.js'
import type {Filter, StatusRange} from './filter.js'
import {Glob} from './glob.js'
import {parseHostName} from './host-name.js'
import {meantHint} from '../suggest.js'
import {quote} from './quote.js'
import {parseStates} from './state-names.js'
import {type OutcomeCode, outcomeCodes} from './task.js'

/** The words of the one filter language, as they are called over HTTP; on the command line in kebab-case. */
export const filterNames = [
  'state',
  'url',
  'host',
  'status',
  'error',
  'param',
  'olderThan',
  'newerThan',
  'minErrors',
  'idPrefix',
  'flowKey',
] as const
export type FilterName = (typeof filterNames)[number]

/** What was asked for, as text, in the order given. */
export type FilterFields = {[name in FilterName]?: readonly string[] | undefined}

const maxUrlLength = 2048

/**
 * The filter that the fields mean, through whichever door. `spell` is how the caller's user knows a field. Throws
 * `invalid_filter`, `invalid_state` or `invalid_duration`; a field with nothing in it is refused, since it would mean every task.
 */
export function parseFilter(fields: FilterFields, spell: (name: FilterName) => string = (name) => name): Filter {
  const filter: Filter = {}
  const reading = new Reading(fields, spell)
  const put = <Name extends keyof Filter>(name: Name, value: Filter[Name] | undefined) => {
    if (value !== undefined) filter[name] = value
  }
  put('states', parseStates(reading.all('state')))
  put(
    'urls',
    reading.all('url')?.map((text) => parseUrlGlob(text, spell('url'))),
  )
  put('host', reading.one('host', parseHostName))
  put(
    'statuses',
    reading.words('status')?.map((text) => parseStatus(text, spell('status'))),
  )
  put(
    'errors',
    reading.words('error')?.map((text) => parseOutcomeCode(text, spell('error'))),
  )
  put(
    'params',
    reading.all('param')?.map((text) => parseParam(text, spell('param'))),
  )
  const duration = (text: string, field: string) => parseDuration(text, {field})
  put('olderThanMs', reading.one('olderThan', duration))
  put('newerThanMs', reading.one('newerThan', duration))
  put('minErrors', reading.one('minErrors', parseMinErrors))
  put('idPrefix', reading.one('idPrefix', parseIdPrefix))
  put('flowKey', reading.one('flowKey', parseFlowKey))
  return filter
}

class Reading {
  readonly #fields: FilterFields
  readonly #spell: (name: FilterName) => string

  constructor(fields: FilterFields, spell: (name: FilterName) => string) {
    this.#fields = fields
    this.#spell = spell
  }

  /** Every value of a field that may be given several times; undefined where there is none. */
  all(name: FilterName): readonly string[] | undefined {
    const values = this.#fields[name]
    if (values === undefined || values.length === 0) return undefined
    if (values.some((value) => value.trim() === '')) invalid(this.#spell(name), 'is empty')
    return values
  }

  /** The same, with commas between. */
  words(name: FilterName): readonly string[] | undefined {
    return this.all(name)?.flatMap((value) => value.split(',').map((word) => word.trim()))
  }

  /** The value of a field that has one. */
  one<Value>(name: FilterName, parse: (text: string, field: string) => Value): Value | undefined {
    const [text, another] = this.all(name) ?? []
    if (another !== undefined) invalid(this.#spell(name), 'is given twice: it has one value')
    return text === undefined ? undefined : parse(text.trim(), this.#spell(name))
  }
}

const anyUrl = ['http://', 'https://']

/** A pattern that no URL can match is a slip: with retry or purge it would look like "nothing to do". */
function parseUrlGlob(text: string, field: string): Glob {
  // URLs are stored with scheme and host in lower case.
  const pattern = text.trim().replace(/^https?:\/\/[^/?#]*/i, (origin) => origin.toLowerCase())
  if (pattern.length > maxUrlLength) invalid(field, `has more than ${maxUrlLength} characters`)
  const [start = ''] = pattern.split('*')
  if (!anyUrl.some((scheme) => start.startsWith(scheme) || (pattern.includes('*') && scheme.startsWith(start))))
    invalid(field, `${quote(text)} can match no URL: begin it with http://, https:// or *`)
  return new Glob(pattern)
}

function parseStatus(text: string, field: string): StatusRange {
  if (text.toLowerCase() === 'none') return null
  if (/^[1-9]\d\d$/.test(text)) return {from: Number(text), to: Number(text)}
  if (/^[1-9]xx$/i.test(text)) return {from: Number(text[0]) * 100, to: Number(text[0]) * 100 + 99}
  return invalid(field, `${quote(text)} is not a status such as 503, 5xx or none`)
}

function parseOutcomeCode(text: string, field: string): OutcomeCode {
  const code = outcomeCodes.find((candidate) => candidate === text)
  return (
    code ??
    invalid(
      field,
      `${quote(text)} is no error of an attempt: it is one of ${outcomeCodes.join(', ')}`,
      meantHint(text, outcomeCodes),
    )
  )
}

function parseParam(text: string, field: string): readonly [name: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) return invalid(field, `${quote(text)} is not NAME=VALUE`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function parseMinErrors(text: string, field: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : invalid(field, `${quote(text)} is not a whole number`)
}

function parseIdPrefix(text: string, field: string): string {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text) ? text : invalid(field, `${quote(text)} is not 1 to 64 of A-Z, a-z, 0-9, _ and -`)
}

function parseFlowKey(text: string, field: string): string {
  return /^[ -~]{1,255}$/.test(text) ? text : invalid(field, `${quote(text)} is not 1 to 255 printable ASCII characters`)
}

function invalid(field: string, what: string, details: {hint?: string} = {}): never {
  throw new TorqueError('invalid_filter', `${field} ${what}`, {field, ...details})
}
