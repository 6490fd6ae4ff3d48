import {readFileSync} from 'node:fs'

import {TorqueError} from '../../errors.js'
import {formatDuration, parseDuration} from '../../task/duration.js'
import {quote} from '../../task/quote.js'
import {fileProblem} from './file-error.js'

/** Both ends included. */
export interface Range {
  from: number
  to: number
}

/** The ms of a flag that takes a length of time. Throws `invalid_option`, as all here do. */
export function duration(flag: string, text: string, {from, to}: Range): number {
  const ms = parseDuration(text, {field: `--${flag}`, code: 'invalid_option'})
  if (ms >= from && ms <= to) return ms
  throw badFlag(flag, text, `is not from ${formatDuration(from)} to ${formatDuration(to)}`)
}

export function whole(flag: string, text: string, range: Range): number {
  if (!/^\d{1,9}$/.test(text)) throw badFlag(flag, text, 'is not a whole number')
  return inRange(flag, text, range)
}

export function number(flag: string, text: string, range: Range): number {
  if (!/^\d{1,9}(\.\d{1,9})?$/.test(text)) throw badFlag(flag, text, 'is not a number')
  return inRange(flag, text, range)
}

function inRange(flag: string, text: string, {from, to}: Range): number {
  const value = Number(text)
  if (value >= from && value <= to) return value
  throw badFlag(flag, text, `is not from ${from} to ${to}`)
}

/** The error of a flag whose value means nothing. */
export function badFlag(flag: string, text: string, reason: string): TorqueError {
  return new TorqueError('invalid_option', `--${flag} ${quote(text)} ${reason}`, {field: flag})
}

/** The text of the file that a flag names. */
export function readFlagFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw badFlag(flag, path, `cannot be read: ${fileProblem(cause)}`)
  }
}

/** Runs what reads fields of a task, and calls them by their flags in what it throws. */
export function asFlags<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    const field = error instanceof TorqueError ? error.field : undefined
    if (!(error instanceof TorqueError) || field === undefined) throw error
    const flag = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    throw new TorqueError('invalid_option', error.message.replace(field, `--${flag}`), {field: flag, cause: error})
  }
}
