import {TorqueError} from '../../errors.js'
import {type ChangeFields, type TaskChanges, parseChanges} from '../../task/mend.js'
import {quote} from '../../task/quote.js'
import type {TaskRules} from './task-rules.js'

const unitSeconds = {s: 1, m: 60, h: 3600}

/** `10/s`, `30/m`, `100/h` as tasks a second. */
export function parseRate(text: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,6})?)\/([smh])$/.exec(text.trim()) ?? []
  const rate = Number(number) / unitSeconds[(unit ?? 's') as keyof typeof unitSeconds]
  if (rate > 0) return rate
  throw new TorqueError('invalid_option', `rate ${quote(text)} is not a rate such as 10/s, 30/m or 100/h`, {field: 'rate'})
}

/** The changes of `--set url=…`, `--set 'header=NAME: VALUE'` (without a value it is taken away) and `--set timeout=…`. */
export function parseSet(words: readonly string[], rules: TaskRules): TaskChanges {
  const fields: ChangeFields & {headers: [string, string | null][]} = {headers: []}
  for (const word of words) {
    const at = word.indexOf('=')
    const [name, value] = [word.slice(0, at), word.slice(at + 1)]
    if (name === 'header') fields.headers.push(headerOf(value))
    else if (at < 0 || (name !== 'url' && name !== 'timeout')) throw invalid(word)
    else if (fields[name] !== undefined) throw new TorqueError('invalid_option', `--set ${name}=… is given twice`, {field: 'set'})
    else fields[name] = value
  }
  const {headers, ...rest} = fields
  return parseChanges({...rest, ...(headers.length > 0 && {headers})}, rules)
}

function headerOf(text: string): [string, string | null] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text.trim(), null] : [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]
}

function invalid(word: string): TorqueError {
  return new TorqueError('invalid_option', `--set ${quote(word)} is not url=URL, 'header=NAME: VALUE' or timeout=DURATION`, {
    field: 'set',
  })
}
