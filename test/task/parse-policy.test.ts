import {describe, expect, it} from 'vitest'

import type {ErrorCode} from '../../src/errors.js'
import type {TaskFields} from '../../src/task/fields.js'
import {parsePolicy} from '../../src/task/parse-policy.js'

describe('parsePolicy', () => {
  it('says what its fields say, each in one form', () => {
    const fields = {minBackoff: '500ms', maxBackoff: '1h', factor: '1.5', maxAge: '2d', noRetry: '404 4XX,400', success: 'none'}

    expect(parsePolicy(fields)).toMatchObject({
      minBackoffMs: 500,
      maxBackoffMs: 3_600_000,
      factor: 1.5,
      maxAgeMs: 172_800_000,
      noRetry: '400,404,4xx',
      success: '',
    })
    expect(parsePolicy({waits: '5, 1m,1h'})).toMatchObject({waitsMs: [5000, 60_000, 3_600_000]})
    expect(parsePolicy({})).toEqual({})
  })

  it.each<[TaskFields, ErrorCode, string]>([
    [{minBackoff: '0'}, 'invalid_backoff', 'minBackoff'],
    [{maxBackoff: '367d'}, 'invalid_backoff', 'maxBackoff'],
    [{maxBackoff: '-1'}, 'invalid_backoff', 'maxBackoff'],
    [{factor: '0.9'}, 'invalid_backoff', 'factor'],
    [{factor: '101'}, 'invalid_backoff', 'factor'],
    [{factor: '1e1'}, 'invalid_backoff', 'factor'],
    [{waits: '5s,,1m'}, 'invalid_backoff', 'waits'],
    [{waits: '5s,0'}, 'invalid_backoff', 'waits'],
    [{waits: Array(101).fill('1s').join(',')}, 'invalid_backoff', 'waits'],
    [{waits: '5s', factor: '2'}, 'invalid_backoff', 'waits'],
    [{maxAge: '0'}, 'invalid_max_age', 'maxAge'],
    [{maxAge: 'never'}, 'invalid_max_age', 'maxAge'],
    [{noRetry: '200'}, 'invalid_statuses', 'noRetry'],
    [{success: '4x'}, 'invalid_statuses', 'success'],
  ])('refuses %j with %s', (fields, code, field) => {
    expect(() => parsePolicy(fields)).toThrowError(expect.objectContaining({code, field}))
  })

  it.each<TaskFields>([
    {minBackoff: '1ms', maxBackoff: '366d', factor: '100'},
    {factor: '1'},
    {waits: Array(100).fill('366d').join(',')},
    {maxAge: '1ms'},
    {noRetry: '3xx, 999', success: 'none'},
  ])('takes what is just within the limits: %j', (fields) => {
    expect(Object.keys(parsePolicy(fields))).toHaveLength(Object.keys(fields).length)
  })
})
