import {describe, expect, it} from 'vitest'

import type {Claim} from '../../src/queue/queue.js'
import {bury, claimOne, claimOptions, complete, hold, keepAll, leaseMs, lose, release, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

/** A queue, and a way to learn how many wake-ups a change brought. */
async function openWatched() {
  const opened = await openTestStore()
  const woken: string[] = []
  const subscription = await opened.store.onWake((name) => woken.push(name))
  const wakesOf = async (change: () => Promise<unknown>) => {
    // Messages come in order: what was published before the mark has come once the mark has.
    const mark = async (name: string) => {
      await opened.store.redis.publish(`${opened.namespace}:wake`, name)
      await expect.poll(() => woken.at(-1)).toBe(name)
    }
    await mark('before')
    await change()
    await mark('after')
    subscription.stop()
    return woken.slice(woken.indexOf('before') + 1, -1)
  }
  return {...opened, wakesOf}
}

describe('settle wakes idle processes', () => {
  it('when a task is given back', async () => {
    const {queue, wakesOf} = await openWatched()
    const claim = await hold(queue)

    expect(await wakesOf(() => queue.settle([release(claim)], keepAll))).toEqual(['default'])
  })

  it('when a lost task is taken back', async () => {
    const {queue, clock, wakesOf} = await openWatched()
    const claim = await hold(queue)
    clock.advance(leaseMs)

    expect(await wakesOf(() => queue.reclaim([lose(claim)]))).toEqual(['default'])
  })

  it('when a lane that was full has room again', async () => {
    const {queue, wakesOf} = await openWatched()
    const claim = await hold(queue)
    await queue.add([aTask()])
    await queue.claim({...claimOptions, laneConcurrency: 1})

    expect(await wakesOf(() => queue.settle([complete(claim)], keepAll))).toEqual(['default'])
  })

  it.each<[string, (claim: Claim) => ReturnType<typeof complete>]>([
    ['complete', complete],
    ['bury', bury],
    ['retry', (claim) => retry(claim, 1000)],
  ])('but not when a task of any other lane ends: %s', async (_op, verdict) => {
    const {queue, wakesOf} = await openWatched()
    await queue.add([aTask({flowKey: 'other'})])
    const claim = await claimOne(queue)
    await queue.add([aTask({flowKey: 'other'})])

    expect(await wakesOf(() => queue.settle([verdict(claim)], keepAll))).toEqual([])
  })
})
