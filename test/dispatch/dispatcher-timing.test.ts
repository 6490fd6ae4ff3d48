import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {openDispatcher, startDispatcher} from '../support/dispatcher.js'
import {openTestStore} from '../support/open-store.js'
import {openOwnRedis} from '../support/own-redis.js'
import {openReceiver} from '../support/receiver.js'

describe('Dispatcher', () => {
  it('calls none of 50 tasks before the instant at which all are due, and all of them soon after', async () => {
    const {queue} = await openDispatcher()
    const receiver = await openReceiver()
    const at = Date.now() + 700

    await queue.add(Array.from({length: 50}, () => newTask({url: receiver.url(), at: new Date(at).toISOString()})))
    const calls = await receiver.received(50)

    expect(Math.min(...calls.map((call) => call.at))).toBeGreaterThanOrEqual(at)
    expect(Math.max(...calls.map((call) => call.at))).toBeLessThan(at + 2000)
  })

  it('calls none of many delayed tasks early, each delay counted from when it was added', async () => {
    const {queue} = await openDispatcher()
    const receiver = await openReceiver()
    const delays = Array.from({length: 40}, (_, index) => 50 + 17 * index)
    const start = Date.now()

    await queue.add(delays.map((ms) => newTask({url: receiver.url(), params: `{"ms":${ms}}`, delay: `${ms}ms`})))
    const calls = await receiver.received(40)

    for (const {body, at} of calls) expect(at - start).toBeGreaterThanOrEqual(Number(body.slice('ms='.length)))
  })

  it('starts the tasks of a lane in the order of their due times', async () => {
    const {store, queue} = await openTestStore({clock: undefined})
    const receiver = await openReceiver()
    const places = Array.from({length: 30}, (_, index) => (index * 7) % 30)

    await queue.add(places.map((place) => newTask({url: receiver.url(), params: `{"n":${place}}`, delay: `${100 + place}ms`})))
    await startDispatcher(store, {concurrency: 1})
    const calls = await receiver.received(30)

    expect(calls.map(({body}) => body)).toEqual(Array.from({length: 30}, (_, index) => `n=${index}`))
  })

  it('neither calls nor keeps asking for a task that is due beyond what a timer can hold', async () => {
    const redis = await openOwnRedis()
    const {store, queue} = await openDispatcher({redisUrl: redis.url})
    const receiver = await openReceiver()
    const scriptCalls = async () => Number(/cmdstat_evalsha:calls=(\d+)/.exec(await store.redis.info('commandstats'))?.[1] ?? 0)
    await queue.add([newTask({url: receiver.url(), delay: '30d'})])
    const [from, start] = [await scriptCalls(), performance.now()]

    // A call a second, the poll: two of them.
    await expect.poll(scriptCalls, {timeout: 15_000, interval: 100}).toBeGreaterThanOrEqual(from + 2)

    const calls = (await scriptCalls()) - from
    expect(calls).toBeLessThanOrEqual(2 + (performance.now() - start) / 500)
    expect(receiver.calls).toEqual([])
  })
})
