import {paramsToForm} from '../../task/params.js'
import type {Payload, Task} from '../../task/task.js'
import {shellQuote} from '../../shell-quote.js'

/** The task's call as a curl command for a shell, less what belongs to an attempt: its number, its timestamp, its signature. */
export function curlCommand(task: Task, queue: string): string {
  const {contentType, body, query} = content(task)
  const headers = {
    'webhook-id': task.id,
    'torque-queue': queue,
    ...(contentType && {'content-type': contentType}),
    ...task.headers,
  }
  const words = [
    'curl',
    // Brackets and braces in a URL are no pattern.
    '--globoff',
    '--request',
    task.method,
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', headerLine(name, value)]),
    ...(body === undefined ? [] : ['--data-raw', body]),
    withQuery(task.url, query),
  ]
  return words.map(shellQuote).join(' ')
}

/** curl takes `name:` for "leave it out" and `name;` for an empty value. */
function headerLine(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value}`
}

interface Content {
  contentType?: string
  body?: string
  query?: string
}

function content({method, payload}: Task): Content {
  if (payload.kind === 'json') return {contentType: 'application/json', body: payload.text}
  if (payload.kind === 'body') return {contentType: payload.contentType, body: payload.text}
  const form = formOf(payload)
  if (method === 'GET' || method === 'DELETE') return {query: form}
  return {contentType: 'application/x-www-form-urlencoded', body: form}
}

function formOf(payload: Payload): string {
  return payload.kind === 'params' ? paramsToForm(payload.text) : ''
}

function withQuery(url: string, query = ''): string {
  if (query === '') return url
  return `${url}${url.includes('?') ? '&' : '?'}${query}`
}
