import {describe, expect, it} from 'vitest'

import {parseRate, parseSet} from '../../../src/cli/bulk/retry-options.js'
import {taskRules} from '../../../src/cli/bulk/task-rules.js'

const rules = taskRules(undefined, () => undefined)

describe('parseRate', () => {
  it.each([
    ['10/s', 10],
    [' 2.5/s ', 2.5],
    ['30/m', 0.5],
    ['3600/h', 1],
  ])('takes %j', (text, perSecond) => {
    expect(parseRate(text)).toBe(perSecond)
  })

  it.each(['', '10', '0/s', '-1/s', '10/d', '1e3/s', 'x/s', '10/s/s'])('refuses %j', (text) => {
    expect(() => parseRate(text)).toThrow(expect.objectContaining({code: 'invalid_option', field: 'rate'}))
  })
})

describe('parseSet', () => {
  it('takes a url, headers to set and to take away, and a timeout', () => {
    const words = ['url=http://a/?b=c', 'header=X-One: a: b', 'header=x-two', 'timeout=2m']

    expect(parseSet(words, rules)).toEqual({
      url: 'http://a/?b=c',
      headers: new Map([
        ['x-one', 'a: b'],
        ['x-two', null],
      ]),
      timeoutMs: 120_000,
    })
  })

  it.each([
    ['url', 'invalid_option'],
    ['url=', 'invalid_url'],
    ['=http://a/', 'invalid_option'],
    ['method=GET', 'invalid_option'],
    ['url=/relative', 'invalid_url'],
    ['url=http://169.254.169.254/', 'egress_denied'],
    ['header=host: a', 'invalid_headers'],
    ['header=', 'invalid_headers'],
    ['timeout=0', 'invalid_timeout'],
  ])('refuses %j: %s', (word, code) => {
    expect(() => parseSet([word], rules)).toThrow(expect.objectContaining({code}))
  })

  it('refuses what is given twice', () => {
    expect(() => parseSet(['url=http://a/', 'url=http://b/'], rules)).toThrow(expect.objectContaining({code: 'invalid_option'}))
    expect(() => parseSet(['header=a: 1', 'header=A: 2'], rules)).toThrow(expect.objectContaining({code: 'invalid_headers'}))
  })

  it('keeps to --base-task-url-only', () => {
    const only = taskRules('http://a/b/', (name) => (name === 'baseTaskUrlOnly' ? 'true' : undefined))

    expect(parseSet(['url=c'], only).url).toBe('http://a/b/c')
    expect(() => parseSet(['url=http://a/c'], only)).toThrow(expect.objectContaining({code: 'invalid_url'}))
  })
})
