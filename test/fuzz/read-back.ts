import type {ReplyBody} from '../support/endpoint.js'

/** A task as `GET /tasks/:id` tells it. */
export interface ToldTask extends ReplyBody {
  url: string
  method: string
  body?: string
  contentType?: string
  headers: Record<string, string>
  flowKey: string
  createdAt: string
  maxErrors: number
  timeoutMs: number
}

const blanks = /^[ \t\r\n]+|[ \t\r\n]+$/g
const trim = (value: string) => value.replaceAll(blanks, '')

/**
 * How a task that is there differs from the fields it was added with, by other means than torque's own: nothing, or what was not
 * kept. `text` is the answer as it came, since JSON.parse loses what must be kept.
 */
export function differences(fields: Record<string, string>, task: ToldTask, text: string): string[] {
  const given = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [alias[name] ?? name, name === 'body' ? value : trim(value)]),
  )
  const wrong = Object.entries(given).filter(([name, value]) => value !== '' && !kept[name]?.(value, task, text))
  return wrong.map(([name, value]) => `${name}: ${value}`)
}

/** Two names of one field: the last one given wins. */
const alias: Record<string, string | undefined> = Object.assign(Object.create(null), {queue_name: 'queue'})

const unit = {ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000}

function lengthOf(duration: string): number {
  const [, count = '', name = 's'] = /^(\d+(?:\.\d+)?)(ms|[smhd])?$/.exec(duration) ?? []
  return Number(count) * unit[name as keyof typeof unit]
}

function urlKept(value: string, {url}: ToldTask): boolean {
  const target = new URL(value)
  target.hash = ''
  return target.href === url
}

/** Text that stands in the answer as it was written; over several lines it may be written anew. */
const verbatim = (name: string) => (value: string, _task: ToldTask, text: string) =>
  /[\r\n]/.test(value) || text.includes(`"${name}":${value},`)

function dueKept(value: string, {dueAt, createdAt}: ToldTask): boolean {
  const waits = Date.parse(dueAt) - Date.parse(createdAt) - lengthOf(value)
  return waits >= 0 && waits <= 2
}

function headersKept(value: string, {headers}: ToldTask): boolean {
  const asked = Object.entries(JSON.parse(value) as Record<string, unknown>)
  return (
    asked.length === Object.keys(headers).length &&
    asked.every(([name, one]) => headers[name.toLowerCase()] === trim(String(one)))
  )
}

const kept: Record<string, (value: string, task: ToldTask, text: string) => boolean> = {
  url: urlKept,
  params: verbatim('params'),
  json: verbatim('json'),
  body: (value, {body}) => body === value,
  contentType: (value, {contentType}) => contentType === value,
  method: (value, {method}) => method === value.toUpperCase(),
  headers: headersKept,
  delay: dueKept,
  // An instant that is past is now.
  at: (value, {dueAt}) => Date.parse(dueAt) >= (/^[\d.]+$/.test(value) ? Number(value) * 1000 : Date.parse(value)),
  queue: (value, {queue}) => queue === value,
  id: (value, {id}) => id === value,
  idempotencyKey: () => true,
  timeout: (value, {timeoutMs}) => timeoutMs === Math.ceil(lengthOf(value)),
  maxErrors: (value, {maxErrors}) => maxErrors === Number(value),
  flowKey: (value, {flowKey}) => flowKey === value,
}
