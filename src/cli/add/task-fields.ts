import {TorqueError} from '../../errors.js'
import type {TaskFields} from '../../task/fields.js'
import {readText} from '../input/read-text.js'

/** The flags of `add` that describe a task, as they were given. */
export interface TaskFlags {
  url?: string | undefined
  params?: string | undefined
  param?: string[] | undefined
  'json-body'?: string | undefined
  body?: string | undefined
  'content-type'?: string | undefined
  header?: string[] | undefined
  method?: string | undefined
  delay?: string | undefined
  at?: string | undefined
  id?: string | undefined
  'idempotency-key'?: string | undefined
  'on-delivered'?: string | undefined
  'on-dead'?: string | undefined
  unique?: string | undefined
  replace?: string | undefined
  traceparent?: string | undefined
  tracestate?: string | undefined
  timeout?: string | undefined
  'max-errors'?: string | undefined
  'min-backoff'?: string | undefined
  'max-backoff'?: string | undefined
  'backoff-factor'?: string | undefined
  waits?: string | undefined
  'max-age'?: string | undefined
  'no-retry'?: string | undefined
  success?: string | undefined
  'flow-key'?: string | undefined
  queue?: string | undefined
}

/** The fields of a task as text, gathered from the command line. What they say is checked where every task is. */
export async function taskFields(url: string | undefined, flags: TaskFlags): Promise<TaskFields> {
  if (url !== undefined && flags.url !== undefined) throw usage('give the URL once: as the argument or with --url')
  if (flags.params === '-' && flags['json-body'] === '-') throw usage('only one flag can read the standard input')
  return definedOnly({
    url: url ?? flags.url,
    params: flags.param ? paramsText(flags.param) : await textOf('params', flags.params),
    json: await textOf('json-body', flags['json-body']),
    body: flags.body,
    contentType: flags['content-type'],
    headers: flags.header && headersText(flags.header),
    method: flags.method,
    delay: flags.delay,
    at: flags.at,
    queue: flags.queue,
    id: flags.id,
    idempotencyKey: flags['idempotency-key'],
    onDelivered: flags['on-delivered'],
    onDead: flags['on-dead'],
    unique: flags.unique,
    replace: flags.replace,
    traceparent: flags.traceparent,
    tracestate: flags.tracestate,
    timeout: flags.timeout,
    maxErrors: flags['max-errors'],
    minBackoff: flags['min-backoff'],
    maxBackoff: flags['max-backoff'],
    factor: flags['backoff-factor'],
    waits: flags.waits,
    maxAge: flags['max-age'],
    noRetry: flags['no-retry'],
    success: flags.success,
    flowKey: flags['flow-key'],
  })
}

async function textOf(flag: string, value: string | undefined): Promise<string | undefined> {
  return value === undefined ? undefined : readText(value, flag)
}

/** `k=v` pairs as the text of a JSON object. A name given again is an array, which a form sends as the name repeated. */
function paramsText(pairs: readonly string[]): string {
  const values = new Map<string, string[]>()
  for (const pair of pairs) {
    const [name, value] = cutAt(pair, '=')
    if (value === undefined || name === '') throw usage(`--param ${JSON.stringify(pair)} is not NAME=VALUE`)
    values.set(name, [...(values.get(name) ?? []), value])
  }
  return objectText([...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]))
}

/** `Name: value` lines as the text of a JSON object. */
function headersText(lines: readonly string[]): string {
  const pairs = lines.map((line): [string, string] => {
    const [name, value] = cutAt(line, ':')
    if (value === undefined) throw usage(`--header ${JSON.stringify(line)} is not 'NAME: VALUE'`)
    return [name.trim(), value.trim()]
  })
  return objectText(pairs)
}

/** Not by way of an object, which would reorder and lose keys. */
function objectText(pairs: readonly (readonly [string, unknown])[]): string {
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

function cutAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function definedOnly(fields: Record<keyof TaskFields, string | undefined>): TaskFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function usage(message: string): TorqueError {
  return new TorqueError('usage', message, {hint: 'See more help with --help.'})
}
