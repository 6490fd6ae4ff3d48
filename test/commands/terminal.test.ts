import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {openOwnRedis} from '../support/own-redis.js'
import {aTask} from '../support/tasks.js'
import {hasTerminal, runOnTerminal} from '../support/terminal.js'
import {openTorque} from '../support/torque.js'

const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'

describe.runIf(hasTerminal)('on a terminal', () => {
  it('list is a table with colour, cut to the width, the id whole', async () => {
    const {env, queue} = await openTorque()
    await queue.add([aTask({id: 'x'.repeat(40), url: `http://a.example/${'long/'.repeat(40)}`, due: {delayMs: 60_000}})])

    const {code, screen} = await runOnTerminal(['list'], {env, columns: 110})

    const [head, row, rest] = screen.split('\n')
    expect({code, rest}).toEqual({code: 0, rest: ''})
    expect(head).toContain('\u001b[1mID\u001b[22m')
    expect(row).toContain(`${'x'.repeat(40)}  default  scheduled  in `)
    expect(row).toContain('…')
    expect(row!.length).toBeLessThanOrEqual(110)
  })

  it.each([20, 64])('list shows an id of %i characters whole, and the target, on 80 columns', async (length) => {
    const {env, queue} = await openTorque()
    const id = 'x'.repeat(length)
    const {url} = await bringTo('dead', queue, {id})

    const {screen} = await runOnTerminal(['list', '--no-color'], {env, columns: 80})

    const [, row = ''] = screen.split('\n')
    expect(row).toContain(id)
    expect(row).toContain(url.slice('http://'.length, 'http://'.length + 10))
    expect(row.length).toBeLessThanOrEqual(80)
  })

  it.each([
    ['--no-color', ['--no-color'], {}],
    ['NO_COLOR', [], {NO_COLOR: '1'}],
    ['TERM=dumb', [], {TERM: 'dumb'}],
  ])('a table has no colour with %s', async (_what, words, variables) => {
    const {env, queue} = await openTorque()
    await bringTo('dead', queue)

    const {screen} = await runOnTerminal(['list', ...words], {env: {...env, ...variables}})

    expect(screen).toMatch(/^ID .*\n.* dead /)
    expect(screen).not.toContain('\u001b')
  })

  it('task content reaches it escaped', async () => {
    const {env, queue} = await openTorque()
    const payload = {kind: 'body', text: '\u001b]0;owned\u0007\u202e', contentType: 'text/plain'} as const
    await queue.add([aTask({id: 'one', payload})])

    const shown = await runOnTerminal(['show', 'one', '--no-color'], {env})
    const json = await runOnTerminal(['show', 'one', '--json'], {env})
    const curl = await runOnTerminal(['show', 'one', '--curl'], {env})

    expect(shown.screen).toContain(String.raw`body        \x1b]0;owned\x07\u202e`)
    expect(json.screen).toContain(String.raw`"body": "\u001b]0;owned\u0007\u202e"`)
    for (const {screen} of [shown, json, curl]) {
      for (const char of ['\u001b', '\u0007', '\u202e']) expect(screen).not.toContain(char)
    }
  })

  it('nothing to list is said, on stderr', async () => {
    const {env} = await openTorque()

    expect((await runOnTerminal(['list'], {env})).screen).toBe('No tasks.\n')
    expect((await runOnTerminal(['list', '--json'], {env})).screen).toBe('{\n  "tasks": [],\n  "cursor": null\n}\n')
  })

  it('a bulk verb shows what it is about to do, and asks', async () => {
    const {env, inspector, queue} = await openTorque()
    for (let made = 0; made < 4; made++) await bringTo('dead', queue)

    const no = await runOnTerminal(['purge', '--all'], {env, answer: {to: '[y/N]', keys: 'n\r'}})
    expect(no.code).toBe(4)
    expect(no.screen).toContain('About to purge 4 tasks of queue default: 4 dead')
    expect(no.screen.match(/POST http:\/\/127\.0\.0\.1:9\/hooks\/do\/foo/g)).toHaveLength(3)
    expect((await inspector.stats()).totals.dead).toBe(4)

    const yes = await runOnTerminal(['purge', '--all'], {env, answer: {to: '[y/N]', keys: 'y\r'}})
    expect(yes.code).toBe(0)
    expect(yes.screen).toContain('purged 4 of 4 tasks')
    expect((await inspector.stats()).totals.dead).toBe(0)
  })

  it('a bulk verb shows it also where it need not ask, and not for what was named', async () => {
    const {env, queue} = await openTorque()
    await bringTo('dead', queue)
    const {id} = await bringTo('dead', queue)

    const named = await runOnTerminal(['retry', id], {env})
    const all = await runOnTerminal(['retry', '--all', '--yes'], {env})

    expect(named.screen).toBe('revived 1 of 1 task\n')
    expect(all.screen).toMatch(
      /^About to retry 1 task of queue default: 1 dead, (just now|\d+s ago)\.\n {2}\S+ {2}POST [^]*\nrevived 1 of 1 task\n$/,
    )
  })

  it('add says what a dry run is, and how waiting ended, once', async () => {
    const {env} = await openTorque()
    const url = 'http://127.0.0.1:9/hooks/do/foo'

    const dry = await runOnTerminal(['add', url, '--dry-run'], {env})
    const wait = await runOnTerminal(['add', url, '--id', 'two', '--wait', '--wait-timeout', '200ms', '--no-color'], {env})

    expect(dry.screen).toBe('dry run, nothing added: it would be ready in queue default\n')
    expect(wait.screen).toBe(
      'two is ready in queue default\nError: two is still ready after 200ms: no attempt has ended yet\nIt stays in its queue.\n',
    )
  })

  it('Ctrl-C at the question does nothing: exit 130', async () => {
    const {env, inspector, queue} = await openTorque()
    await bringTo('dead', queue)

    const {code, screen} = await runOnTerminal(['purge', '--all', '--json'], {env, answer: {to: '[y/N]', keys: '\u0003'}})

    expect(code).toBe(130)
    expect(screen).toContain('"matched": 1,\n  "changed": 0,')
    expect((await inspector.stats()).totals.dead).toBe(1)
  })

  it('stats --watch takes the screen and gives it back', async () => {
    const {env, queue} = await openTorque()
    await bringTo('dead', queue)

    const {code, screen} = await runOnTerminal(['stats', '--watch'], {env, answer: {to: 'Ctrl-C ends', keys: '\u0003'}})

    expect(code).toBe(130)
    expect(screen.startsWith(enter)).toBe(true)
    expect(screen).toContain('RETRYING')
    expect(screen.endsWith(leave)).toBe(true)
  })

  it('stats --watch gives the screen back when Redis goes away, too: exit 69', async () => {
    const redis = await openOwnRedis()
    const env = {TORQUE_REDIS_URL: redis.url}

    const {code, screen} = await runOnTerminal(['stats', '--watch', '--interval', '100ms'], {
      env,
      answer: {to: 'Ctrl-C ends', act: () => void redis.kill()},
    })

    expect(code).toBe(69)
    expect(screen.split(leave)).toHaveLength(2)
    expect(screen.split(leave)[1]).toMatch(/Error:/)
  })
})
