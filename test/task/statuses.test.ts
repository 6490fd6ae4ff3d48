import {describe, expect, it} from 'vitest'

import {hasStatus, parseStatuses} from '../../src/task/statuses.js'

describe('parseStatuses', () => {
  it.each([
    ['400', '400'],
    ['500, 400,400 4XX', '400,4xx,500'],
    ['999', '999'],
    ['none', ''],
  ])('reads %j', (text, list) => {
    expect(parseStatuses(text)).toBe(list)
  })

  it.each(['', ',', '400,', '4', '4x', 'xxx', '200', '2xx', '100', '1000', '40 0', '-400', 'none,400', '4xx0', '٤٠٠'])(
    'refuses %j',
    (text) => {
      expect(parseStatuses(text)).toBeUndefined()
    },
  )

  it('refuses more than 64', () => {
    const codes = Array.from({length: 65}, (_, index) => String(300 + index))

    expect(parseStatuses(codes.join(','))).toBeUndefined()
    expect(parseStatuses(codes.slice(1).join(','))).toBeDefined()
  })
})

describe('hasStatus', () => {
  it.each([
    ['400,4xx', 404, true],
    ['400', 400, true],
    ['400', 404, false],
    ['5xx', 400, false],
    ['', 400, false],
    [undefined, 400, false],
  ])('%j of %i is %j', (list, status, has) => {
    expect(hasStatus(list, status)).toBe(has)
  })
})
