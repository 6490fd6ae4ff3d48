import {describe, expect, it} from 'vitest'

import {Outage, isAway} from '../../src/dispatch/outage.js'
import {TorqueError} from '../../src/errors.js'
import {MemoryLog} from '../support/memory-log.js'

const away = new TorqueError('redis_unavailable', 'Redis is not reachable', {cause: new Error("Stream isn't writeable")})

function newOutage() {
  const log = new MemoryLog()
  return {log, outage: new Outage(log)}
}

describe('Outage', () => {
  it('waits longer after each failed try, a second at most, until all is well', () => {
    const {outage} = newOutage()

    const waits = Array.from({length: 20}, () => outage.fail(away))
    outage.end()
    const afterAnAnswer = outage.fail(away)
    outage.end()
    outage.allIsWell()

    for (const [index, wait] of waits.entries()) {
      const longest = Math.min(1000, 50 * 2 ** (index + 1))
      expect(wait).toBeGreaterThanOrEqual(longest / 2)
      expect(wait).toBeLessThanOrEqual(longest)
    }
    expect(afterAnAnswer).toBeGreaterThanOrEqual(500)
    expect(outage.fail(away)).toBeLessThanOrEqual(100)
  })

  it('is on from the first sign of it to the first answer', () => {
    const {outage} = newOutage()

    const states = [outage.isOn, (outage.begin(away), outage.isOn), (outage.fail(away), outage.isOn), (outage.end(), outage.isOn)]

    expect(states).toEqual([false, true, true, false])
  })

  it('is told to the log when it begins and when it ends, once each, in words of torque', () => {
    const {outage, log} = newOutage()

    outage.allIsWell()
    outage.begin(away)
    for (let tries = 0; tries < 3; tries++) outage.fail(away)
    outage.end()
    // It answers, and refuses to write.
    outage.fail(away)
    outage.allIsWell()
    outage.end()
    outage.allIsWell()
    outage.allIsWell()

    expect(log.lines).toEqual([
      {level: 'warn', message: 'Redis is away', details: {code: 'redis_unavailable', reason: 'Redis is not reachable'}},
      {level: 'info', message: 'Redis is back', details: {awayMs: expect.any(Number) as number}},
    ])
  })
})

describe('isAway', () => {
  it.each([
    ['redis_unavailable', true],
    ['outcome_unknown', true],
    ['queue_full', false],
    ['internal', false],
  ] as const)('%s: %s', (code, answer) => {
    expect(isAway(new TorqueError(code, 'no'))).toBe(answer)
  })
})
