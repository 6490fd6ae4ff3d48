import {describe, expect, it} from 'vitest'

import {complete, retry} from '../../support/attempts.js'
import {claimAll, openPatient} from '../../support/patient.js'
import {aTask} from '../../support/tasks.js'

describe('diagnose', () => {
  it('finds nothing wrong with tasks in every state, revived, purged and added again', async () => {
    const {queue, add, look, clock} = await openPatient()
    const [first = '', second = ''] = await add(aTask(), aTask(), aTask({flowKey: 'other'}), aTask({due: {delayMs: 60_000}}))
    const [one, two, three] = await claimAll(queue)
    await queue.settle([complete(one!), retry(two!, 0)], {keepDelivered: 10})
    clock.advance(1)
    await queue.purge([three!.task.id], {states: ['active']})
    await queue.add([aTask({id: three!.task.id})])
    await queue.revive([first, second], {states: ['retrying']})
    await claimAll(queue, {limit: 1})

    const {tasks, wrong} = await look()

    expect({tasks, wrong}).toEqual({tasks: 4, wrong: {}})
  })

  it('puts back a task that stands nowhere, as what it was', async () => {
    const {queue, redis, keys, add, mend, stateOf} = await openPatient()
    const [fresh = '', failed = ''] = await add(aTask({flowKey: 'a'}), aTask({flowKey: 'b'}))
    const claims = await claimAll(queue)
    await queue.settle(
      claims.map((claim) => (claim.task.id === failed ? retry(claim, 0) : complete(claim))),
      {keepDelivered: 10},
    )
    await redis.zrem(keys.delivered, fresh)
    await redis.del(keys.lane('b'), keys.retrying)

    expect(await mend()).toEqual({lost_body: expect.arrayContaining([fresh, failed])})

    expect([await stateOf(fresh), await stateOf(failed)]).toEqual(['ready', 'retrying'])
    expect((await claimAll(queue)).map(({task}) => task.id).toSorted()).toEqual([fresh, failed].toSorted())
  })

  it('bins a task that stands nowhere and cannot be read', async () => {
    const {redis, keys, mend, stateOf} = await openPatient()
    await redis.hset(keys.tasks, 'odd', 'nonsense')

    expect(await mend()).toEqual({lost_body: ['odd']})

    expect(await stateOf('odd')).toBe('dead')
  })

  it('leaves one that cannot be read where it waits, and says so', async () => {
    const {redis, keys, add, look, stateOf} = await openPatient()
    const [id = ''] = await add(aTask())
    await redis.hset(keys.tasks, id, 'nonsense')

    const {wrong, healthy, findings} = await look({repair: true})

    expect({wrong, healthy, mended: findings.map(({mended}) => mended)}).toEqual({
      wrong: {unreadable: [id]},
      healthy: false,
      mended: [false],
    })
    expect(await stateOf(id)).toBeUndefined()
  })

  it('takes away ids without a task, and leases on nothing', async () => {
    const {redis, keys, add, mend} = await openPatient()
    await add(aTask({flowKey: 'a'}))
    await redis.zadd(keys.lane('a'), 0, 'gone-1')
    for (const key of [keys.retrying, keys.dead, keys.delivered]) await redis.zadd(key, 0, 'gone-2')
    await redis.zadd(keys.active, 9e15, 'gone-3#1')

    expect(await mend()).toEqual({no_body: expect.arrayContaining(['gone-1', 'gone-2']), stale_lease: ['gone-3']})

    expect(await redis.zcard(keys.lane('a'))).toBe(1)
  })

  it.each([
    ['active before waiting', ['active', 'lane'], 'active'],
    ['waiting before dead', ['lane', 'dead', 'delivered'], 'ready'],
    ['dead before delivered', ['dead', 'delivered'], 'dead'],
  ] as const)('leaves a task in one state of several: %s', async (_name, places, state) => {
    const {redis, keys, add, mend, stateOf} = await openPatient()
    const [id = ''] = await add(aTask({flowKey: 'a'}))
    await redis.zrem(keys.lane('a'), id)
    for (const place of places) {
      if (place === 'active') await redis.zadd(keys.active, 9e15, `${id}#1`)
      else await redis.zadd(place === 'lane' ? keys.lane('a') : keys[place], 0, id)
    }

    expect(await mend()).toMatchObject({two_states: [id]})

    expect(await stateOf(id)).toBe(state)
  })

  it('moves a task to its own lane, with the time it was due', async () => {
    const {queue, redis, keys, add, mend} = await openPatient()
    const [id = ''] = await add(aTask({flowKey: 'a'}))
    const due = await redis.zscore(keys.lane('a'), id)
    await redis.zrem(keys.lane('a'), id)
    await redis.zadd(keys.lane('b'), Number(due), id)
    await redis.zadd(keys.lanes, 0, 'b')

    expect(await mend()).toEqual({wrong_lane: [id]})

    expect(await redis.zscore(keys.lane('a'), id)).toBe(due)
    expect(await claimAll(queue)).toHaveLength(1)
  })

  it('ends a lease of another attempt, and what has lost its own goes back', async () => {
    const {queue, redis, keys, add, mend, stateOf} = await openPatient()
    const [id = ''] = await add(aTask({flowKey: 'a'}))
    await claimAll(queue)
    await redis.zrem(keys.active, `${id}#1`)
    await redis.zadd(keys.active, 9e15, `${id}#7`)

    expect(await mend()).toMatchObject({lost_body: [id]})

    expect([await stateOf(id), await redis.zcard(keys.active)]).toEqual(['ready', 0])
  })

  it('writes the index of retrying tasks anew', async () => {
    const {queue, redis, keys, add, mend, stateOf} = await openPatient()
    const [failed = '', fresh = ''] = await add(aTask({flowKey: 'a'}), aTask({flowKey: 'a', due: {delayMs: 5_000}}))
    await queue.settle(
      (await claimAll(queue)).map((claim) => retry(claim, 1000)),
      {keepDelivered: 10},
    )
    await redis.zrem(keys.retrying, failed)
    await redis.zadd(keys.retrying, 1, fresh)

    expect(await mend()).toEqual({retrying_index: expect.arrayContaining([failed, fresh])})

    expect([await stateOf(failed), await stateOf(fresh)]).toEqual(['retrying', 'scheduled'])
  })

  it('lists a lane again that is not listed, or that is set aside as full for nobody', async () => {
    const {queue, redis, keys, add, mend} = await openPatient()
    await add(aTask({flowKey: 'hidden'}), aTask({flowKey: 'full'}))
    await redis.zrem(keys.lanes, 'hidden')
    await redis.zadd(keys.lanes, 9e15, 'full')

    expect(await mend()).toEqual({lane_hint: expect.arrayContaining(['hidden', 'full'])})

    expect(await claimAll(queue)).toHaveLength(2)
  })

  it('counts anew how many tasks of a lane run', async () => {
    const {queue, redis, keys, add, mend} = await openPatient()
    await add(aTask({flowKey: 'a'}), aTask({flowKey: 'b'}))
    await claimAll(queue)
    await redis.hset(keys.fixed[4]!, {a: 5, b: 1, c: 2})

    expect(await mend()).toEqual({lane_count: expect.arrayContaining(['a', 'c'])})

    expect(await redis.hgetall(keys.fixed[4]!)).toEqual({a: '1', b: '1'})
  })

  it('names keys of another type, and leaves them alone', async () => {
    const {redis, keys, add, look} = await openPatient()
    await add(aTask({flowKey: 'a'}), aTask({flowKey: 'b'}))
    await redis.set(keys.lane('a'), 'mine')
    const lane = await look({repair: true})
    await redis.set(keys.dead, 'mine')
    const fixed = await look({repair: true})

    expect([lane.wrong, fixed.wrong]).toEqual([{wrong_type: [keys.lane('a')]}, {wrong_type: [keys.dead]}])
    expect(await redis.get(keys.dead)).toBe('mine')
  })
})
