import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {aTask} from '../support/tasks.js'
import {openTorque, rowsOf} from '../support/torque.js'

interface Page {
  tasks: {id: string; queue: string; state: string}[]
  cursor: string | null
}

/** One task of each state but active, in the order in which they are listed. */
async function oneOfEach({queue}: Awaited<ReturnType<typeof openTorque>>) {
  const ended = [await bringTo('dead', queue), await bringTo('delivered', queue)]
  const waiting = [await bringTo('retrying', queue), await bringTo('ready', queue), await bringTo('scheduled', queue)]
  return [...waiting, ...ended].map(({id}) => id)
}

describe('list', () => {
  it('prints a task as a line of cells, state by state', async () => {
    const here = await openTorque()
    const ids = await oneOfEach(here)

    const {code, stdout, stderr} = await here.torque(['list'])

    const rows = rowsOf(stdout)
    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(rows.map(([id]) => id)).toEqual(ids)
    expect(rows.map(([, , state]) => state)).toEqual(['retrying', 'ready', 'scheduled', 'dead', 'delivered'])
    expect(new Set(rows.map((cells) => cells.length))).toEqual(new Set([11]))
  })

  it('is an empty page and exit 0 where there is nothing', async () => {
    const {torque, json} = await openTorque()

    expect(await torque(['list'])).toEqual({code: 0, stdout: '', stderr: ''})
    expect(await json(['list'])).toEqual({tasks: [], cursor: null})
    expect(await torque(['list', '-q', 'default', '--ndjson'])).toEqual({code: 0, stdout: '', stderr: ''})
  })

  it.each([[['--state', 'dead', '--state', 'delivered']], [['--state', 'dead,delivered']]])(
    'lists only the states of %j',
    async (words) => {
      const here = await openTorque()
      const ids = await oneOfEach(here)

      expect((await here.json<Page>(['list', ...words])).tasks.map(({id}) => id)).toEqual(ids.slice(3))
    },
  )

  it('shows each task once when its cursors are followed', async () => {
    const here = await openTorque()
    const ids = await oneOfEach(here)
    const seen: string[] = []

    let page = await here.json<Page>(['list', '--limit', '2'])
    for (; page.cursor !== null; page = await here.json<Page>(['list', '--limit', '2', '--cursor', page.cursor])) {
      seen.push(...page.tasks.map(({id}) => id))
    }

    expect([...seen, ...page.tasks.map(({id}) => id)]).toEqual(ids)
  })

  it('goes over as many pages as the limit takes', async () => {
    const {torque, queue} = await openTorque()
    await queue.add(Array.from({length: 2300}, () => aTask()))

    const {stdout} = await torque(['list', '--ndjson', '--limit', '2200'])

    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as {id: string}).id)
    expect(new Set(ids).size).toBe(2200)
    expect((await torque(['list'])).stdout.trimEnd().split('\n')).toHaveLength(50)
  })

  it('looks in all queues, or in the one that is named', async () => {
    const {json, store, queue} = await openTorque()
    await queue.add([aTask({id: 'one'})])
    await store.queue('mail').add([aTask({id: 'two', queue: 'mail'})])

    expect((await json<Page>(['list'])).tasks.map(({queue: name}) => name)).toEqual(['default', 'mail'])
    expect((await json<Page>(['list', '-q', 'mail'])).tasks.map(({id}) => id)).toEqual(['two'])
  })

  it('keeps hostile content off the terminal, and a line a line', async () => {
    const {torque, queue} = await openTorque()
    const payload = {kind: 'params', text: '{\n\t"a": "\u202e\u009b31m",\r\n "n": 1.0}'} as const
    await queue.add([aTask({id: 'one', payload})])

    for (const format of ['--json', '--ndjson']) {
      const {stdout} = await torque(['list', format])
      expect(stdout).toContain('"a":"\\u202e\\u009b31m"')
      expect(stdout).toContain('"n":1.0')
      expect(stdout.match(/\n/g)).toHaveLength(1)
    }
  })

  it('takes every filter, in any combination, and all must hold', async () => {
    const here = await openTorque()
    const task = aTask({
      id: 'order-1',
      url: 'http://mails.example/send?x=1',
      flowKey: 'mails',
      due: {delayMs: 60_000},
      payload: {kind: 'params', text: '{"customer": 4711, "kind": "mail"}'},
    })
    await here.queue.add([task])
    const failed = await bringTo('dead', here.queue)
    const listed = async (...words: string[]) => (await here.json<Page>(['list', ...words])).tasks.map(({id}) => id)

    for (const words of [
      ['--url', '*/send*', '--host', 'mails.example'],
      ['--param', 'customer=4711', '--param', 'kind=mail'],
      ['--id-prefix', 'order-', '--newer-than', '1h'],
      ['--flow-key', 'mails', '--state', 'scheduled,dead'],
    ]) {
      expect(await listed(...words)).toEqual(['order-1'])
      expect(await listed(...words, '--older-than', '1h')).toEqual([])
    }
    expect(await listed('--min-errors', '1')).toEqual([failed.id])
    expect(await listed('--status', '503')).toEqual([])
    expect(await listed('--error', 'timeout')).toEqual([])
  })

  it.each([
    ['an unknown state', ['--state', 'gone'], 'invalid_state', 2],
    ['no limit at all', ['--limit', '0'], 'usage', 2],
    ['a limit that is no number', ['--limit', 'x'], 'usage', 2],
    ['a cursor of its own making', ['--cursor', 'xx'], 'invalid_cursor', 2],
    ['a queue that never had a task', ['-q', 'nowhere'], 'no_such_queue', 3],
    ['a filter with nothing in it', ['--host', ''], 'usage', 2],
    ['a filter given twice', ['--host', 'a', '--host', 'b'], 'invalid_filter', 2],
    ['a pattern that no URL matches', ['--url', '/hooks/*'], 'invalid_filter', 2],
    ['a bad age', ['--older-than', 'long'], 'invalid_duration', 2],
    ['two formats', ['--ndjson'], 'usage', 2],
    ['an argument', ['dead'], 'usage', 2],
  ])('refuses %s', async (_what, words, code, exit) => {
    const {torque} = await openTorque()

    const run = await torque(['list', ...words, '--json'])

    expect(run).toMatchObject({code: exit, stdout: ''})
    expect(JSON.parse(run.stderr)).toMatchObject({error: {code}})
  })
})
