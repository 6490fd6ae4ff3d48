import {describe, expect, it, onTestFinished, vi} from 'vitest'

import {Scheduler} from '../../src/dispatch/scheduler.js'
import {Schedules} from '../../src/queue/schedules.js'
import {newSchedule} from '../../src/task/schedule.js'
import {startDispatcher} from '../support/dispatcher.js'
import {MemoryLog} from '../support/memory-log.js'
import {openTestStore} from '../support/open-store.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'

describe('schedules', () => {
  it('of a queue are seen to by two at once: a call for each tick, none twice and none early', async () => {
    const {store} = await openTestStore({clock: undefined})
    const receiver = await openReceiver()
    await Promise.all([startDispatcher(store), startDispatcher(store)])
    const now = await store.now()

    const put = (name: string, queue: string) =>
      new Schedules(store, queue).put(newSchedule(name, {every: '1s'}, {url: receiver.url('/hook'), queue}, {now}))
    await Promise.all([put('one', 'default'), put('two', 'mail')])
    await receiver.received(4)

    const ids = receiver.calls.map(({headers}) => String(headers['webhook-id']))
    expect(new Set(ids).size).toBe(ids.length)
    const ticks = ids.map((id) => parseInt(id.split('-')[1] ?? '', 36))
    expect(ticks.every((tick) => (tick - now) % 1000 === 0)).toBe(true)
    receiver.calls.forEach(({at}, index) => expect(at).toBeGreaterThanOrEqual(ticks[index]!))
  })

  it('whose task can no longer be made stop no other', async () => {
    const {store} = await openTestStore({clock: undefined})
    const receiver = await openReceiver()
    const now = await store.now()
    const good = newSchedule('good', {every: '1s'}, {url: receiver.url('/hook')}, {now})
    await new Schedules(store, 'default').put({...good, name: 'bad', task: {url: 'nonsense'}})
    await new Schedules(store, 'default').put(good)

    const {log} = await startDispatcher(store)
    await receiver.received(1)

    await expect.poll(() => log.saying('a tick could not be done'), patiently).not.toHaveLength(0)
  })

  it('are looked at again on a wake-up that comes just as a look ends', async () => {
    let looks = 0
    const queues = () => Promise.resolve((looks++, []))
    const schedules = () => expect.unreachable()
    const scheduler = new Scheduler({queues, schedules, added: () => {}, log: new MemoryLog()})
    onTestFinished(() => scheduler.stop())
    const timers = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => timers.mockRestore())
    timers.mockImplementationOnce(() => {
      queueMicrotask(() => scheduler.wake())
      return undefined as unknown as NodeJS.Timeout
    })

    scheduler.wake()

    await expect.poll(() => looks, patiently).toBe(2)
  })
})
