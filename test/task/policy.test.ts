import {describe, expect, it} from 'vitest'

import {decide, type OwnPolicy, type Policy} from '../../src/task/policy.js'

const base: Policy = {timeoutMs: 30_000, maxErrors: 10, minBackoffMs: 2000, maxBackoffMs: 21_600_000, factor: 4}

describe('decide', () => {
  it('is the base itself where nothing is said', () => {
    expect(decide({}, base)).toBe(base)
  })

  it.each<[OwnPolicy]>([
    [{timeoutMs: 1000}],
    [{maxErrors: 1}],
    [{minBackoffMs: 1}],
    [{maxBackoffMs: 5}],
    [{factor: 1}],
    [{waitsMs: [1, 2]}],
    [{maxAgeMs: 9}],
    [{noRetry: '400'}],
    [{success: '404'}],
    [{noRetry: '', success: ''}],
  ])('changes what is said, and nothing else: %j', (own) => {
    expect(decide(own, base)).toEqual({...base, ...own})
    expect(decide(own, {...base, maxAgeMs: 7, noRetry: '5xx', success: '409'})).toEqual({
      ...base,
      maxAgeMs: 7,
      noRetry: '5xx',
      success: '409',
      ...own,
    })
  })

  it('takes a curve in place of the waits of who is asked later, and keeps those where no curve is given', () => {
    const waiting = {...base, waitsMs: [1, 2]}

    expect(decide({factor: 2}, waiting)).toEqual({...base, factor: 2})
    expect(decide({maxErrors: 2}, waiting)).toEqual({...waiting, maxErrors: 2})
    expect(decide({waitsMs: [3]}, waiting)).toEqual({...waiting, waitsMs: [3]})
  })
})
