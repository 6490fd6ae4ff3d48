import {describe, expect, it, onTestFinished} from 'vitest'

import {Sweeper, type SweeperOptions} from '../../src/dispatch/sweeper.js'
import {TorqueError} from '../../src/errors.js'
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
    away: (error) => void done.push(String(error)),
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

  it('tells where one failed because Redis is away, which is no line of its own', async () => {
    const {sweeper, done, log} = newSweeper({extend: () => Promise.reject(new TorqueError('outcome_unknown', 'silent'))})

    await sweeper.sweep()

    expect(done).toEqual(['TorqueError: silent'])
    expect(log.lines).toEqual([])
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
