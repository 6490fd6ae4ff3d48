import {describe, expect, it} from 'vitest'

import {type Vitals, check} from '../../src/task/check.js'

const vitals: Vitals = {
  oldestDueMs: 300_000,
  ready: 10,
  retrying: 2,
  dead: 1,
  errorRate: 0.05,
  waitP99Ms: null,
  callP99Ms: 800,
  serves: 1,
}

describe('check', () => {
  it('holds only what has a limit against it: what is just at it is within', () => {
    expect(check(vitals, {oldestDueMs: 300_000, dead: 0, errorRate: 0.05, serves: 1})).toEqual([
      {name: 'oldestDueMs', value: 300_000, limit: 300_000, ok: true},
      {name: 'dead', value: 1, limit: 0, ok: false},
      {name: 'errorRate', value: 0.05, limit: 0.05, ok: true},
      {name: 'serves', value: 1, limit: 1, ok: true},
    ])
  })

  it('wants at least so many serves', () => {
    expect(check(vitals, {serves: 2})).toMatchObject([{ok: false}])
  })

  it('lets pass what was not measured', () => {
    expect(check(vitals, {waitP99Ms: 1, callP99Ms: 799})).toMatchObject([{ok: true}, {ok: false}])
  })
})
