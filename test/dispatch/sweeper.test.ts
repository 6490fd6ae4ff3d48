import {describe, expect, it, onTestFinished} from 'vitest'

import {Outage} from '../../src/dispatch/outage.js'
import {Sweeper, type SweeperOptions} from '../../src/dispatch/sweeper.js'
import {MemoryLog} from '../support/memory-log.js'
import {patiently} from '../support/patiently.js'

function newSweeper(options: Partial<SweeperOptions> = {}) {
  const [done, log]: [string[], MemoryLog] = [[], new MemoryLog()]
  const sweeper = new Sweeper({
    everyMs: 5,
    log,
    learn: () => Promise.resolve((done.push('learn'), ['a', 'b'])),
    extend: () => Promise.resolve(void done.push('extend')),
    prune: (queue) => Promise.resolve(void done.push(`prune ${queue}`)),
    isAway: () => false,
    ...options,
  })
  onTestFinished(() => sweeper.stop())
  return {sweeper, done, log}
}

describe('Sweeper', () => {
  it('extends in each sweep, and learns and prunes every queue in the first of ten', async () => {
    const {sweeper, done} = newSweeper()

    for (let sweeps = 0; sweeps < 11; sweeps++) await sweeper.sweep()

    expect(done.filter((what) => what === 'extend')).toHaveLength(11)
    expect(done.filter((what) => what === 'learn')).toHaveLength(2)
    expect(done.filter((what) => what.startsWith('prune'))).toEqual(['prune a', 'prune b', 'prune a', 'prune b'])
  })

  it('does nothing while Redis is away', async () => {
    const {sweeper, done} = newSweeper({isAway: () => true})

    await sweeper.sweep()

    expect(done).toEqual([])
  })

  it('sweeps on after one that failed', async () => {
    let failures = 2
    const {sweeper, done, log} = newSweeper({
      extend: () => (failures-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve(void done.push('extend'))),
    })

    sweeper.start()

    await expect.poll(() => done, patiently).toContain('extend')
    expect(log.saying('a sweep failed')).toHaveLength(2)
  })

  it('begins no sweep before the last one has ended, and stops when that has', async () => {
    let [running, most, count] = [0, 0, 0]
    const extend = async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setTimeout(resolve, 15))
      running -= 1
      count += 1
    }
    const {sweeper} = newSweeper({extend})

    sweeper.start()
    await expect.poll(() => count, patiently).toBeGreaterThan(3)
    await sweeper.stop()

    expect([most, running]).toEqual([1, 0])
  })
})

describe('Outage', () => {
  it('waits longer after each failed try, a second at most, until all is well', () => {
    const outage = new Outage()

    const waits = Array.from({length: 20}, () => outage.fail())
    outage.end()
    const afterAnAnswer = outage.fail()
    const [hadFailed, again] = [outage.allIsWell(), outage.allIsWell()]

    for (const [index, wait] of waits.entries()) {
      const longest = Math.min(1000, 50 * 2 ** (index + 1))
      expect(wait).toBeGreaterThanOrEqual(longest / 2)
      expect(wait).toBeLessThanOrEqual(longest)
    }
    expect(afterAnAnswer).toBeGreaterThanOrEqual(500)
    expect([hadFailed, again, outage.failures]).toEqual([true, false, 0])
    expect(outage.fail()).toBeLessThanOrEqual(100)
  })

  it('is on from the first sign of it to the first answer', () => {
    const outage = new Outage()

    const states = [outage.isOn, (outage.begin(), outage.isOn), (outage.fail(), outage.isOn), (outage.end(), outage.isOn)]

    expect(states).toEqual([false, true, true, false])
  })
})
