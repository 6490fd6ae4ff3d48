import {describe, expect, it} from 'vitest'

import {type Filter, looksInside, matchesRecord, needsRun, needsTask} from '../../src/task/filter.js'
import {type FilterFields, parseFilter} from '../../src/task/parse-filter.js'
import {type Attempt, type TaskRecord, newRun} from '../../src/task/task.js'

const now = Date.UTC(2030, 0, 1)

const anAttempt = (changes: Partial<Attempt> = {}): Attempt => ({
  attempt: 1,
  startedAt: now - 5000,
  durationMs: 12,
  status: 503,
  error: 'http_status',
  message: '503 Service Unavailable',
  response: null,
  ...changes,
})

interface Changes extends Partial<Omit<TaskRecord, 'task' | 'run'>> {
  task?: Partial<TaskRecord['task']>
  run?: Partial<TaskRecord['run']>
}

/** A task that died ten minutes ago, an hour after it was added. */
function aRecord({task, run, ...rest}: Changes = {}): TaskRecord {
  return {
    task: {
      id: 'order-17',
      url: 'http://api.example.com:8080/hooks/invoice?x=1',
      method: 'POST',
      payload: {kind: 'params', text: '{"customer":4711,"n":1.0,"tags":["a","b"],"who":null,"é":"\\u00fc","o":{"x": 1}}'},
      headers: {},
      flowKey: 'http://api.example.com:8080',
      createdAt: now - 4_200_000,
      dedupKeys: [],
      ...task,
    },
    queue: 'default',
    state: 'dead',
    run: {...newRun, attempts: 3, errors: 3, history: [anAttempt({status: 500}), anAttempt()], ...run},
    dueAt: null,
    leaseEndsAt: null,
    endedAt: now - 600_000,
    ...rest,
  }
}

const meant = (fields: FilterFields, changes?: Changes) => matchesRecord(parseFilter(fields), aRecord(changes), now)

describe('a filter means a task', () => {
  it.each<[FilterFields, boolean]>([
    [{}, true],
    [{state: ['dead']}, true],
    [{state: ['retrying', 'delivered']}, false],
    [{state: ['all']}, true],
    [{url: ['http://api.example.com:8080/hooks/*']}, true],
    [{url: ['HTTP://API.Example.com:8080/hooks/invoice?x=1']}, true],
    [{url: ['*/INVOICE*']}, false],
    [{url: ['*invoice*', '*x=2']}, false],
    [{host: ['api.example.com']}, true],
    [{host: ['API.example.COM:8080']}, true],
    [{host: ['api.example.com:80']}, false],
    [{host: ['example.com']}, false],
    [{status: ['503']}, true],
    [{status: ['5xx']}, true],
    [{status: ['404,5XX']}, true],
    [{status: ['500']}, false],
    [{status: ['none']}, false],
    [{error: ['http_status']}, true],
    [{error: ['timeout', 'dns']}, false],
    [{param: ['customer=4711']}, true],
    [{param: ['customer=471']}, false],
    [{param: ['n=1.0']}, true],
    [{param: ['n=1']}, false],
    [{param: ['tags=b']}, true],
    [{param: ['who=']}, true],
    [{param: ['é=ü']}, true],
    [{param: ['o={"x": 1}']}, true],
    [{param: ['customer=4711', 'tags=c']}, false],
    [{olderThan: ['10m']}, true],
    [{olderThan: ['11m']}, false],
    [{newerThan: ['10m']}, false],
    [{newerThan: ['11m']}, true],
    [{minErrors: ['3']}, true],
    [{minErrors: ['4']}, false],
    [{idPrefix: ['order-']}, true],
    [{idPrefix: ['rder']}, false],
    [{flowKey: ['http://api.example.com:8080']}, true],
    [{flowKey: ['http://api.example.com']}, false],
    [{state: ['dead'], host: ['api.example.com'], status: ['5xx'], param: ['tags=a'], olderThan: ['1m']}, true],
    [{state: ['dead'], host: ['api.example.com'], status: ['4xx'], param: ['tags=a'], olderThan: ['1m']}, false],
  ])('by %j: %j', (fields, expected) => {
    expect(meant(fields)).toBe(expected)
  })

  it('by the age since it was added, where it has not ended', () => {
    const waiting = {state: 'ready', endedAt: null, dueAt: now - 1} as const

    expect(meant({olderThan: ['70m']}, waiting)).toBe(true)
    expect(meant({olderThan: ['71m']}, waiting)).toBe(false)
  })

  it('by how its newest attempt ended, not by those before', () => {
    const delivered = {run: {history: [anAttempt(), anAttempt({status: 200, error: null})]}}

    expect(meant({status: ['503']}, delivered)).toBe(false)
    expect(meant({error: ['http_status']}, delivered)).toBe(false)
    expect(meant({status: ['2xx']}, delivered)).toBe(true)
    expect(meant({status: ['none']}, {run: {history: [anAttempt({status: null, error: 'timeout'})]}})).toBe(true)
    expect(meant({status: ['none']}, {run: {history: []}})).toBe(false)
  })

  it('by its params only where it has some, whatever became of them', () => {
    const fields = {param: ['a=1']}

    expect(meant(fields, {task: {payload: {kind: 'json', text: '{"a":1}'}}})).toBe(false)
    expect(meant(fields, {task: {payload: {kind: 'none'}}})).toBe(false)
    expect(meant(fields, {task: {payload: {kind: 'params', text: '{"a":1'}}})).toBe(false)
    expect(meant({param: ['__proto__=1']}, {task: {payload: {kind: 'params', text: '{"__proto__":1}'}}})).toBe(true)
  })

  it.each([
    ['http://h/', 'h:80', true],
    ['https://h/', 'h:443', true],
    ['https://h/', 'h:80', false],
    ['http://[::1]:99/', '[::1]:99', true],
    ['http://[::1]/', '[0:0::1]', true],
    ['http://xn--mnchen-3ya.de/', 'münchen.de', true],
    ['', 'h', false],
  ])('that calls %j by the host %j: %j', (url, host, expected) => {
    expect(meant({host: [host]}, {task: {url}})).toBe(expected)
  })
})

describe('a filter reads', () => {
  const reads = (filter: Filter, state: 'dead' | 'ready') => [looksInside(filter), needsTask(filter, state), needsRun(filter)]

  it.each<[FilterFields, boolean, boolean, boolean]>([
    [{state: ['dead']}, false, false, false],
    [{olderThan: ['1h']}, true, false, false],
    [{idPrefix: ['a']}, true, false, false],
    [{host: ['a']}, true, true, false],
    [{param: ['a=1'], minErrors: ['1']}, true, true, true],
    [{status: ['503']}, true, false, true],
  ])('no more than it takes for %j', (fields, ...expected) => {
    expect(reads(parseFilter(fields), 'dead')).toEqual(expected)
  })

  it('the task itself for the age of one that waits', () => {
    expect(needsTask(parseFilter({olderThan: ['1h']}), 'ready')).toBe(true)
  })
})

describe('a filter is refused', () => {
  it.each<[FilterFields, string, string]>([
    [{state: ['gone']}, 'invalid_state', 'state'],
    [{state: ['']}, 'invalid_filter', 'state'],
    [{url: ['']}, 'invalid_filter', 'url'],
    [{url: ['/hooks/*']}, 'invalid_filter', 'url'],
    [{url: ['ftp://*']}, 'invalid_filter', 'url'],
    [{url: ['http']}, 'invalid_filter', 'url'],
    [{url: [`http://${'a'.repeat(2048)}`]}, 'invalid_filter', 'url'],
    [{host: ['http://a']}, 'invalid_filter', 'host'],
    [{host: ['a/b']}, 'invalid_filter', 'host'],
    [{host: ['a:99999']}, 'invalid_filter', 'host'],
    [{host: ['a', 'b']}, 'invalid_filter', 'host'],
    [{status: ['99']}, 'invalid_filter', 'status'],
    [{status: ['5x']}, 'invalid_filter', 'status'],
    [{status: ['503,']}, 'invalid_filter', 'status'],
    [{error: ['Timeout']}, 'invalid_filter', 'error'],
    [{param: ['a']}, 'invalid_filter', 'param'],
    [{param: ['=a']}, 'invalid_filter', 'param'],
    [{olderThan: ['long']}, 'invalid_duration', 'olderThan'],
    [{newerThan: ['-1s']}, 'invalid_duration', 'newerThan'],
    [{minErrors: ['-1']}, 'invalid_filter', 'minErrors'],
    [{minErrors: ['1.5']}, 'invalid_filter', 'minErrors'],
    [{idPrefix: ['a b']}, 'invalid_filter', 'idPrefix'],
    [{flowKey: ['ü']}, 'invalid_filter', 'flowKey'],
  ])('for %j: %s of %s', (fields, code, field) => {
    expect(() => parseFilter(fields)).toThrow(expect.objectContaining({code, field}))
  })

  it('in the words of who gave it', () => {
    const spell = (name: string) => name.replace('minErrors', 'min-errors')

    const refused = {field: 'min-errors', message: 'min-errors "x" is not a whole number'}
    expect(() => parseFilter({minErrors: ['x']}, spell)).toThrow(expect.objectContaining(refused))
  })

  it('never for a URL pattern that could match', () => {
    for (const url of ['*', 'h*', 'https://*', '*.example.com/*', 'http://a*'])
      expect(parseFilter({url: [url]}).urls).toHaveLength(1)
  })
})
