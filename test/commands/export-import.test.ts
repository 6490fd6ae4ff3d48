import {describe, expect, it} from 'vitest'

import {bringTo, claimOne, complete, hold} from '../support/attempts.js'
import {openTorque} from '../support/torque.js'

type Torque = Awaited<ReturnType<typeof openTorque>>

/** A task of each state, one of them active, and one with an idempotency key. */
async function fill({queue, store}: Torque): Promise<void> {
  for (const state of ['dead', 'delivered', 'retrying'] as const) await bringTo(state, queue, {id: state, maxErrors: 7})
  await hold(queue, {id: 'active', headers: {'x-one': 'a'}})
  await bringTo('ready', queue, {id: 'ready', dedupKeys: ['i:ready', 'k:key'], fingerprint: 'print'})
  await bringTo('scheduled', queue, {id: 'scheduled', payload: {kind: 'json', text: '{"a":\n1.0}'}})
  await bringTo('ready', store.queue('mails'), {id: 'mail', queue: 'mails'})
}

const byId = (ndjson: string) =>
  new Map(
    ndjson
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .map((task) => [task['id'] as string, task]),
  )
const counts = (imported: number, unchanged = 0, conflicts = 0, failed = 0) => ({
  imported,
  unchanged,
  conflicts,
  failed,
  errors: [],
})

describe('export and import', () => {
  it('bring everything to another place, and a second time nothing', async () => {
    const [here, there] = [await openTorque(), await openTorque()]
    await fill(here)
    const {stdout, code} = await here.torque(['export'])

    expect(code).toBe(0)
    expect(await there.json(['import', '-'], {stdin: stdout})).toEqual(counts(7))
    expect(await there.json(['import', '-'], {stdin: stdout})).toEqual(counts(0, 7))
    const [before, after] = [byId(stdout), byId((await there.torque(['export'])).stdout)]
    expect([...after.keys()].toSorted()).toEqual([...before.keys()].toSorted())
    for (const [id, task] of before) expect(after.get(id)).toEqual(task)
    expect((await there.inspector.stats()).totals).toMatchObject({ready: 2, scheduled: 2, retrying: 1, dead: 1, delivered: 1})
  })

  it('change nothing for what has been delivered since, and is no longer kept', async () => {
    const [here, there] = [await openTorque(), await openTorque()]
    await bringTo('ready', here.queue, {id: 'once'})
    const {stdout} = await here.torque(['export'])
    await there.json(['import', '-'], {stdin: stdout})
    await there.queue.settle([complete(await claimOne(there.queue))], {keepDelivered: 0})

    expect(await there.json(['import', '-'], {stdin: stdout})).toEqual(counts(0, 1))
    expect((await there.inspector.stats()).totals).toMatchObject({ready: 0, delivered: 0})
  })

  it.each(['ready', 'delivered'] as const)(
    'remember a task that was %s for a day after its end, and no longer',
    async (state) => {
      const [here, there] = [await openTorque(), await openTorque()]
      await bringTo(state, here.queue, {id: 'once'})
      await there.json(['import', '-'], {stdin: (await here.torque(['export'])).stdout})
      if (state === 'ready') await there.queue.settle([complete(await claimOne(there.queue))], {keepDelivered: 0})

      const entry = there.store.context('default').keys.dedup('m:once')

      expect(await there.store.redis.pttl(entry)).toBeGreaterThan(23 * 3_600_000)
    },
  )

  it('keep what idempotency keys stand for', async () => {
    const [here, there] = [await openTorque(), await openTorque()]
    const task = await bringTo('scheduled', here.queue, {id: 'one', dedupKeys: ['i:one', 'k:key'], fingerprint: 'print'})
    await there.json(['import', '-'], {stdin: (await here.torque(['export'])).stdout})

    expect((await there.queue.add([{...task, id: 'two', dedupKeys: ['k:key']}]))[0]).toMatchObject({id: 'one', duplicate: true})
  })

  it('export only what is meant', async () => {
    const here = await openTorque()
    await fill(here)

    const {stdout} = await here.torque([
      'export',
      '--state',
      'dead,retrying',
      '--min-errors',
      '1',
      '--no-history',
      '-q',
      'default',
    ])

    const lines = byId(stdout)
    expect([...lines.keys()]).toEqual(['retrying', 'dead'])
    expect(lines.get('dead')).not.toHaveProperty('attempts')
    expect(lines.get('dead')).toMatchObject({torque: 1, policy: {maxErrors: 7}, errors: 1, attempt: 1})
  })

  it('take a file as new tasks of another queue', async () => {
    const here = await openTorque()
    await bringTo('dead', here.queue, {id: 'dead'})
    const {stdout} = await here.torque(['export'])

    expect(await here.json(['import', '-', '--as-new', '-q', 'again'], {stdin: stdout})).toEqual(counts(1))
    expect((await here.inspector.find(['dead'], {queue: 'again'}))[0]).toMatchObject({
      state: 'ready',
      run: {attempts: 0, errors: 0},
    })
  })

  it('name bad lines and conflicts by number, and import the others: exit 1', async () => {
    const [here, there] = [await openTorque(), await openTorque()]
    await bringTo('scheduled', here.queue, {id: 'one'})
    await bringTo('scheduled', here.queue, {id: 'two'})
    await bringTo('scheduled', there.queue, {id: 'one', payload: {kind: 'json', text: '"other"'}})
    const {stdout} = await here.torque(['export'])

    const {code, stdout: report, stderr} = await there.torque(['import', '-'], {stdin: `nonsense\n\n${stdout}`})
    const json = await there.json<{errors: object[]}>(['import', '-'], {stdin: `nonsense\n\n${stdout}`})

    expect({code, report}).toEqual({code: 1, report: 'imported\t1\nunchanged\t0\nconflicts\t1\nfailed\t1\n'})
    expect(stderr).toMatch(/^line 1: invalid_json: [^\n]*\nline [34]: conflict: queue default has another task one[^\n]*\n$/)
    expect(json).toMatchObject({imported: 0, unchanged: 1, conflicts: 1, failed: 1})
    expect(json.errors).toMatchObject([{line: 1, error: {code: 'invalid_json'}}, {error: {code: 'conflict', id: 'one'}}])
    expect((await there.inspector.find(['one']))[0]?.task.payload).toEqual({kind: 'json', text: '"other"'})
  })

  it('give a task that was purged while active another lease', async () => {
    const here = await openTorque()
    const {task, attempt} = await hold(here.queue, {id: 'one'})
    const {stdout} = await here.torque(['export'])
    await here.queue.purge([task.id], {states: ['active']})

    await here.json(['import', '-', '--as-new'], {stdin: stdout})

    await here.queue.revive([task.id], {states: ['scheduled']})
    expect((await claimOne(here.queue)).attempt).toBe(attempt + 1)
  })

  it('refuse what they cannot do', async () => {
    const {torque} = await openTorque()

    expect((await torque(['export', '--json'])).code).toBe(2)
    expect((await torque(['import', '/nowhere/at/all'])).code).toBe(2)
    expect((await torque(['export', '-q', 'nowhere'])).code).toBe(3)
  })
})
