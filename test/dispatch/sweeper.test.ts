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
    prune: (queue) => Promise.resolve((done.push(`prune ${queue}`), false)),
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

  it('prunes on in the next sweep where there was more than one should take, each queue in turn', async () => {
    const left: Record<string, number> = {a: 12, b: 2}
    const {sweeper, done} = newSweeper({
      prune: (queue) => Promise.resolve((done.push(queue), --left[queue]! > 0)),
    })

    await sweeper.sweep()
    const first = done.splice(0)
    await sweeper.sweep()

    expect(first).toEqual(['extend', 'learn', 'a', 'b', 'a', 'b', ...Array<string>(7).fill('a')])
    expect(done).toEqual(['extend', 'a', 'a', 'a'])
  })

  it('prunes the other queues where one cannot be pruned', async () => {
    const {sweeper, done} = newSweeper({
      prune: (queue) => (queue === 'a' ? Promise.reject(new Error('foreign')) : Promise.resolve((done.push(queue), false))),
    })

    for (let sweeps = 0; sweeps < 3; sweeps++) await sweeper.sweep()

    expect(done.filter((what) => what === 'b')).toHaveLength(1)
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
