import {describe, expect, it} from 'vitest'

import {bringTo, hold} from '../support/attempts.js'
import {aTask} from '../support/tasks.js'
import {openTorque} from '../support/torque.js'

interface Report {
  matched: number
  changed: number
  skipped: number
  failed: number
  dryRun: boolean
}

const report = (matched: number, changed: number, rest: Partial<Report> = {}): Report => ({
  matched,
  changed,
  skipped: 0,
  failed: 0,
  dryRun: false,
  ...rest,
})

/** A task of each state; what is held is active. */
async function oneOfEach({queue}: Awaited<ReturnType<typeof openTorque>>) {
  const [dead, delivered, retrying] = [
    await bringTo('dead', queue),
    await bringTo('delivered', queue),
    await bringTo('retrying', queue),
  ]
  const {task: active} = await hold(queue)
  const [ready, scheduled] = [await bringTo('ready', queue), await bringTo('scheduled', queue)]
  return {dead, delivered, retrying, active, ready, scheduled}
}

describe.each(['retry', 'purge'])('%s', (verb) => {
  it('takes ids without asking, each once', async () => {
    const {json, queue} = await openTorque()
    const [one, two] = [await bringTo('dead', queue), await bringTo('dead', queue)]

    expect(await json([verb, one.id, two.id, one.id])).toEqual(report(2, 2))
  })

  it('takes ids from the standard input for -, up to the first TAB of a line', async () => {
    const {json, queue} = await openTorque()
    const [one, two] = [await bringTo('dead', queue), await bringTo('dead', queue)]

    expect(await json([verb, '-'], {stdin: `${one.id}\tdefault\tdead\n\n ${two.id}\r\n`})).toEqual(report(2, 2))
  })

  it('prints its counts as lines off a terminal', async () => {
    const {torque, queue} = await openTorque()
    const {id} = await bringTo('dead', queue)

    expect(await torque([verb, id])).toEqual({
      code: 0,
      stdout: 'matched\t1\nchanged\t1\nskipped\t0\nfailed\t0\ndryRun\tfalse\n',
      stderr: '',
    })
  })

  it('takes all dead tasks of the queue with --all, and with no state but an age', async () => {
    const here = await openTorque()
    await oneOfEach(here)
    await bringTo('dead', here.store.queue('mail'), {queue: 'mail'})

    expect(await here.json([verb, '--older-than', '0', '--dry-run'])).toEqual(report(1, 0, {dryRun: true}))
    expect(await here.json([verb, '--older-than', '1h', '--yes'])).toEqual(report(0, 0))
    expect(await here.json([verb, '--all', '--yes'])).toEqual(report(1, 1))
    expect(await here.json([verb, '--all', '--yes', '-q', 'mail'])).toEqual(report(1, 1))
  })

  it('does nothing without --yes where there is nobody to ask: exit 4', async () => {
    const {torque, inspector, queue} = await openTorque()
    await bringTo('dead', queue)

    const text = await torque([verb, '--all'])
    const json = await torque([verb, '--state', 'all', '--json'])

    expect(text).toMatchObject({code: 4, stdout: '', stderr: expect.stringContaining('--yes')})
    expect(json).toMatchObject({code: 4, stdout: ''})
    expect(JSON.parse(json.stderr)).toMatchObject({error: {code: 'not_confirmed'}})
    expect((await inspector.stats()).totals.dead).toBe(1)
  })

  it('takes every filter, and all must hold', async () => {
    const {json, inspector, queue} = await openTorque()
    const mail = {url: 'http://mails.example/send', payload: {kind: 'params', text: '{"customer":4711}'}} as const
    const [one] = [await bringTo('dead', queue, mail), await bringTo('dead', queue, {...mail, id: 'other'})]
    await bringTo('dead', queue)
    const words = ['--host', 'mails.example', '--param', 'customer=4711', '--min-errors', '1', '--id-prefix', one.id, '--yes']

    expect(await json([verb, ...words, '--status', '503'])).toEqual(report(0, 0))
    expect(await json([verb, ...words, '--url', '*/send'])).toEqual(report(1, 1))
    expect((await inspector.stats()).totals.dead).toBe(2)
  })

  it('needs no --yes where nothing matches, and exits 0', async () => {
    const {json} = await openTorque()

    expect(await json([verb, '--all'])).toEqual(report(0, 0))
  })

  it('only says what it would do with --dry-run', async () => {
    const {json, inspector, queue} = await openTorque()
    const {id} = await bringTo('dead', queue)

    expect(await json([verb, '--all', '--dry-run'])).toEqual(report(1, 0, {dryRun: true}))
    expect(await json([verb, id, '--dry-run'])).toEqual(report(1, 0, {dryRun: true}))
    expect((await inspector.stats()).totals.dead).toBe(1)
  })

  it('takes no more than --limit', async () => {
    const {json, inspector, queue} = await openTorque()
    for (let made = 0; made < 3; made++) await bringTo('dead', queue)

    expect(await json([verb, '--all', '--yes', '--limit', '2'])).toEqual(report(2, 2))
    expect((await inspector.stats()).totals.dead).toBe(1)
  })

  it('works through thousands in batches', async () => {
    const {json, queue} = await openTorque()
    await queue.add(Array.from({length: 1700}, () => aTask({due: {delayMs: 60_000}})))

    expect(await json([verb, '--state', 'scheduled', '--yes'])).toEqual(report(1700, 1700))
  })

  it('exits 3 for an id that is none; what is named beside it is done', async () => {
    const {torque, queue} = await openTorque()
    const {id} = await bringTo('dead', queue)

    const mixed = await torque([verb, id, 'none', '--json'])
    const none = await torque([verb, 'none', '--json'])

    expect(mixed).toMatchObject({code: 3, stderr: ''})
    expect(JSON.parse(mixed.stdout)).toEqual(report(2, 1, {failed: 1}))
    expect(none).toMatchObject({code: 3, stdout: ''})
    expect(JSON.parse(none.stderr)).toMatchObject({error: {code: 'no_such_task', id: 'none'}})
    expect((await torque([verb, id, 'none', '--yes'])).code).toBe(3)
  })

  it('refuses an id that stands in two queues until one is named, and does nothing: exit 4', async () => {
    const {torque, json, store, queue} = await openTorque()
    await bringTo('dead', queue, {id: 'twice'})
    await bringTo('dead', store.queue('mail'), {id: 'twice', queue: 'mail'})

    const {code, stderr} = await torque([verb, 'twice', '--json'])

    expect(code).toBe(4)
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'ambiguous_id'}})
    expect(await json([verb, 'twice', '-q', 'mail'])).toEqual(report(1, 1))
  })

  it.each([
    ['nothing to go by', [], 'usage', 2],
    ['ids and a filter', ['one', '--all'], 'usage', 2],
    ['ids and a limit', ['one', '--limit', '1'], 'usage', 2],
    ['an unknown state', ['--state', 'gone'], 'invalid_state', 2],
    ['a filter with nothing in it, which is no filter', ['--host', ''], 'usage', 2],
    ['a bad age', ['--older-than', 'long'], 'invalid_duration', 2],
    ['a queue that never had a task', ['--all', '-q', 'nowhere'], 'no_such_queue', 3],
    ['an id in a queue that never had a task', ['one', '-q', 'nowhere'], 'no_such_queue', 3],
  ])('refuses %s', async (_what, words, code, exit) => {
    const {torque} = await openTorque()

    const run = await torque([verb, ...words, '--json'])

    expect(run).toMatchObject({code: exit, stdout: ''})
    expect(JSON.parse(run.stderr)).toMatchObject({error: {code}})
  })

  it('reads nothing where - is not given, and takes an empty list for nothing to do', async () => {
    const {json} = await openTorque()

    expect(await json([verb], {stdin: 'one\n'})).toMatchObject({error: {code: 'usage'}})
    expect(await json([verb, '-'], {stdin: ''})).toEqual(report(0, 0))
  })
})

describe('retry', () => {
  it('makes dead, retrying and scheduled tasks due now, and skips the others: exit 0', async () => {
    const here = await openTorque()
    const tasks = await oneOfEach(here)
    const ids = Object.values(tasks).map(({id}) => id)

    const {code, stdout} = await here.torque(['retry', ...ids, '--json'])

    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(report(6, 3, {skipped: 3}))
    const states = (await here.inspector.find([tasks.dead.id, tasks.retrying.id, tasks.scheduled.id])).map(({state}) => state)
    expect(states).toEqual(['ready', 'ready', 'ready'])
  })
})

describe('purge', () => {
  it('deletes an active task by id', async () => {
    const {json, queue} = await openTorque()
    const {task} = await hold(queue)

    expect(await json(['purge', task.id])).toEqual(report(1, 1))
  })

  it('leaves active ones alone with --state all, and takes them with --state active', async () => {
    const here = await openTorque()
    await oneOfEach(here)

    expect(await here.json(['purge', '--state', 'all', '--yes'])).toEqual(report(5, 5))
    expect((await here.inspector.stats()).totals.active).toBe(1)
    expect(await here.json(['purge', '--state', 'active', '--yes'])).toEqual(report(1, 1))
  })
})
