import {describe, expect, it} from 'vitest'

import type {Claim} from '../../src/queue/queue.js'
import {taskStates} from '../../src/task/task.js'
import {claimOptions, complete, hold, keepAll, leaseMs, lose} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

const heldBy = ({task, attempt}: Claim) => ({id: task.id, attempt})

describe('extend', () => {
  it('holds a task for leaseMs from now', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(5000)

    const lost = await queue.extend([heldBy(claim)], leaseMs)

    expect(lost).toEqual([])
    expect(await inspector.find([claim.task.id])).toMatchObject([{state: 'active', leaseEndsAt: clock.now() + leaseMs}])
  })

  it('keeps a task from being named as lost', async () => {
    const {queue, clock} = await openTestStore()
    const claim = await hold(queue)
    clock.advance(leaseMs - 1)
    await queue.extend([heldBy(claim)], leaseMs)
    clock.advance(leaseMs - 1)

    expect((await queue.claim(claimOptions)).lost).toEqual([])
  })

  it.each([
    ['settled', async ({queue}, claim) => queue.settle([complete(claim)], keepAll)],
    ['reclaimed', async ({queue, clock}, claim) => (clock.advance(leaseMs), queue.reclaim([lose(claim)]))],
    ['purged', async ({queue}, claim) => queue.purge([claim.task.id], {states: taskStates})],
  ] as [string, (opened: Awaited<ReturnType<typeof openTestStore>>, claim: Claim) => Promise<unknown>][])(
    'names an attempt that was %s, and never makes it anew',
    async (_how, end) => {
      const opened = await openTestStore()
      const {queue, inspector} = opened
      const claim = await hold(queue)
      await end(opened, claim)
      const before = await inspector.find([claim.task.id])

      const lost = await queue.extend([heldBy(claim)], leaseMs)

      expect(lost).toEqual([heldBy(claim)])
      expect(await inspector.find([claim.task.id])).toEqual(before)
      expect((await inspector.stats()).totals.active).toBe(0)
    },
  )

  it('does not prolong the attempt of another', async () => {
    const {queue, inspector, clock} = await openTestStore()
    const stale = await hold(queue)
    clock.advance(leaseMs)
    await queue.reclaim([lose(stale)])
    await queue.claim(claimOptions)
    clock.advance(1000)

    expect(await queue.extend([heldBy(stale)], leaseMs)).toEqual([heldBy(stale)])
    expect((await inspector.find([stale.task.id]))[0]?.leaseEndsAt).toBe(clock.now() + leaseMs - 1000)
  })

  it('takes any number, in batches, and gives back the very ones that were lost', async () => {
    const {queue} = await openTestStore()
    await queue.add(Array.from({length: 700}, (_, index) => aTask({flowKey: `lane ${index % 10}`})))
    const held = [...(await queue.claim(claimOptions)).claims, ...(await queue.claim(claimOptions)).claims].map(heldBy)
    const gone = Array.from({length: 50}, (_, index) => ({id: `gone${index}`, attempt: 1}))

    const lost = await queue.extend([...gone, ...held], leaseMs)

    expect(held).toHaveLength(700)
    expect(lost).toHaveLength(50)
    lost.forEach((item, index) => expect(item).toBe(gone[index]))
  })
})
