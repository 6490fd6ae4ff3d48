import {describe, expect, it} from 'vitest'

import type {ProcessInfo} from '../../src/queue/process-registry.js'
import type {Queue} from '../../src/queue/queue.js'
import {readWhy} from '../../src/queue/read-why.js'
import {tickId} from '../../src/task/schedule.js'
import {bringTo, claimOne, claimOptions, complete, hold, keepAll, retry} from '../support/attempts.js'
import {openTestStore} from '../support/open-store.js'
import {settings} from '../support/settings.js'
import {aTask} from '../support/tasks.js'

const serve: Omit<ProcessInfo, 'seenAt'> = {
  id: 'p',
  pid: 7,
  host: 'h',
  version: '1',
  inFlight: 0,
  concurrency: 100,
  maxErrors: 10,
  timeoutMs: 30_000,
}

/** A store with a live serve in it, unless that is told otherwise. */
async function open(process: Partial<ProcessInfo> | null = {}) {
  const opened = await openTestStore()
  if (process) await opened.store.processes.announce({...serve, ...process})
  const why = async (id: string) => {
    const [record] = await opened.inspector.find([id])
    return readWhy(opened.store, record!)
  }
  const codes = async (id: string) => (await why(id)).reasons.map(({code}) => code)
  return {...opened, why, codes}
}

/** Has so many tasks of a lane fail, one after the other. */
async function fail(queue: Queue, times: number) {
  for (let done = 0; done < times; done++) {
    const claim = await hold(queue)
    const {verdict, ...rest} = retry(claim, 3_600_000)
    await queue.settle([{...rest, verdict: {...verdict, target: {quietMs: 0}}}], keepAll)
  }
}

describe('why a task has not been delivered', () => {
  it('is that no serve is running, or none calls its queue', async () => {
    const alone = await open(null)
    await bringTo('ready', alone.queue, {id: 'a'})
    const others = await open({queues: ['mail']})
    await bringTo('ready', others.queue, {id: 'a'})

    expect(await alone.why('a')).toMatchObject({
      state: 'ready',
      nextAttemptAt: null,
      reasons: [{code: 'no_serve', help: {command: 'torque serve'}}],
    })
    expect(await others.codes('a')).toEqual(['queue_not_served'])
  })

  it('is a pause, until when and why, and the command that ends it', async () => {
    const {queue, clock, why} = await open()
    await bringTo('ready', queue, {id: 'a'})
    await queue.pause({forMs: 60_000, reason: 'rebuild'})

    const until = new Date(clock.now() + 60_000).toISOString()
    expect(await why('a')).toMatchObject({
      nextAttemptAt: until,
      reasons: [
        {
          code: 'paused',
          until,
          message: 'queue default is paused for 60s more: rebuild',
          help: {command: 'torque resume default'},
        },
      ],
    })
  })

  it('is its due time, or the wait after an error', async () => {
    const {queue, clock, why} = await open()
    await queue.add([aTask({id: 'later', due: {delayMs: 240_000}})])
    const claim = await hold(queue, {id: 'failed'})
    const attempt = {
      attempt: 1,
      startedAt: 0,
      durationMs: 5,
      status: 503,
      error: 'http_status',
      message: '503 Service Unavailable',
      response: null,
    } as const
    const settlement = retry(claim, 240_000)
    settlement.verdict.run.history = [attempt]
    await queue.settle([settlement], keepAll)

    expect((await why('later')).reasons).toMatchObject([{code: 'scheduled', message: 'it is due in 4m'}])
    expect(await why('failed')).toMatchObject({
      nextAttemptAt: new Date(clock.now() + 240_000).toISOString(),
      reasons: [
        {
          code: 'retry_later',
          message: 'it is tried again in 4m, after 503 Service Unavailable (error 1 of 10)',
          help: {command: 'torque retry failed --queue default'},
        },
      ],
    })
  })

  it('is that its lane is set aside, and then that one call finds out', async () => {
    const {queue, clock, why, codes} = await open()
    await fail(queue, 5)
    await queue.add([aTask({id: 'a'})])

    expect((await why('a')).reasons).toMatchObject([
      {
        code: 'lane_set_aside',
        until: new Date(clock.now() + 1000).toISOString(),
        help: {command: 'torque lanes reset http://127.0.0.1:9 --queue default'},
      },
    ])
    clock.advance(1000)
    await queue.add([aTask({id: 'b'})])
    await claimOne(queue)
    expect(await codes('b')).toEqual(['lane_probed'])
  })

  it('is a rate, or a limit that is reached: of its lane or of its queue', async () => {
    const {queue, codes, why} = await open()
    await queue.configure(settings({rate: 1, burst: 1, concurrency: 1, laneRate: 1, laneConcurrency: 1}))
    await queue.add([aTask({id: 'one'}), aTask({id: 'two'})])
    const {claims} = await queue.claim(claimOptions)
    const waiting = claims[0]!.task.id === 'one' ? 'two' : 'one'

    expect((await codes(waiting)).toSorted()).toEqual(['lane_full', 'lane_rate', 'queue_full', 'rate'])
    expect((await why(waiting)).reasons.find(({code}) => code === 'queue_full')!.help?.command).toBe(
      'torque queues set default --concurrency none',
    )
    await queue.configure(settings({rate: null, burst: null, concurrency: null, laneRate: null, laneConcurrency: null}))
    expect(await codes(waiting)).toEqual(['its_turn'])
  })

  it('is what serve says of lanes, and that its places are full', async () => {
    const {queue, codes} = await open({laneConcurrency: 1, inFlight: 1, concurrency: 1})
    await hold(queue)
    await queue.add([aTask({id: 'a'})])

    expect(await codes('a')).toEqual(['lane_full', 'serves_full'])
  })

  it('is that it runs, or that whoever ran it went away', async () => {
    const {queue, clock, codes, why} = await open()
    await hold(queue, {id: 'a'})

    expect((await why('a')).reasons).toMatchObject([{code: 'active', message: expect.stringContaining('attempt 1 is running')}])
    clock.advance(20_000)
    expect(await codes('a')).toEqual(['lease_over'])
  })

  it('is its end', async () => {
    const {queue, why, store} = await open()
    const claim = await hold(queue, {id: 'good'})
    await queue.settle([complete(claim)], keepAll)
    await bringTo('dead', queue, {id: tickId('nightly', 1_795_500_000_000)})
    const id = tickId('nightly', 1_795_500_000_000)

    expect((await why('good')).reasons).toMatchObject([{code: 'delivered', help: null}])
    expect(await why(id)).toMatchObject({
      schedule: null,
      reasons: [{code: 'dead', help: {command: `torque retry ${id} --queue default`}}],
    })
    expect(await store.scheduledQueues()).toEqual([])
  })
})
