import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {openTorque} from '../support/torque.js'

const counts = (matched: number, changed: number, rest: object = {}) => ({
  matched,
  changed,
  skipped: 0,
  failed: 0,
  dryRun: false,
  ...rest,
})

describe('retry', () => {
  it('sets url, headers and timeout of what it revives', async () => {
    const {torque, inspector, queue} = await openTorque()
    const {id} = await bringTo('dead', queue, {headers: {'x-old': '1', 'x-team': 'a'}})
    const words = ['--set', 'url=/x?a=b', '--set', 'header=X-Team: b: c', '--set', 'header=x-old', '--set', 'timeout=90s']

    const {code, stdout} = await torque(['retry', id, ...words, '--json'], {env: {TORQUE_BASE_TASK_URL: 'http://new.example'}})

    expect([code, JSON.parse(stdout)]).toEqual([0, counts(1, 1)])
    expect((await inspector.find([id]))[0]).toMatchObject({
      state: 'ready',
      task: {url: 'http://new.example/x?a=b', headers: {'x-team': 'b: c'}, timeoutMs: 90_000, flowKey: 'http://new.example'},
    })
  })

  it('counts those that it cannot mend as failed: exit 1', async () => {
    const {torque, queue} = await openTorque()
    await bringTo('dead', queue, {headers: Object.fromEntries(Array.from({length: 64}, (_, index) => [`x-${index}`, '1']))})
    await bringTo('dead', queue)

    const {code, stdout} = await torque(['retry', '--all', '--yes', '--set', 'header=x-more: 1', '--json'])

    expect([code, JSON.parse(stdout)]).toEqual([1, counts(2, 1, {failed: 1})])
  })

  it('revives no faster than --rate', async () => {
    const {json, queue} = await openTorque()
    for (let made = 0; made < 4; made++) await bringTo('dead', queue)
    const startedAt = performance.now()

    expect(await json(['retry', '--all', '--yes', '--rate', '8/s'])).toEqual(counts(4, 4))
    expect(performance.now() - startedAt).toBeGreaterThan(250)
  })

  it('refuses to set what no task may have, and revives nothing', async () => {
    const {json, inspector, queue} = await openTorque()
    await bringTo('dead', queue)

    expect(await json(['retry', '--all', '--yes', '--set', 'url=nonsense'])).toMatchObject({error: {code: 'invalid_url'}})
    expect((await inspector.stats()).totals.dead).toBe(1)
  })
})
