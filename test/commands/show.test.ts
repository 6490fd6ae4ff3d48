import {describe, expect, it} from 'vitest'

import {bury, claimOne, keepAll} from '../support/attempts.js'
import {aTask} from '../support/tasks.js'
import {openTorque, rowsOf} from '../support/torque.js'

describe('show', () => {
  it('prints a field as a line off a terminal, with what it holds as JSON', async () => {
    const {torque, queue} = await openTorque()
    await queue.add([aTask({id: 'one', headers: {'x-a': 'b'}})])

    const {code, stdout} = await torque(['show', 'one'])

    const fields = new Map(rowsOf(stdout) as [string, string][])
    expect(code).toBe(0)
    expect(fields.get('id')).toBe('one')
    expect(fields.get('params')).toBe('{"foo":"somevalue","baz":99}')
    expect(fields.get('headers')).toBe('{"x-a":"b"}')
    expect(fields.get('endedAt')).toBe('')
    expect(fields.get('attempts')).toBe('[]')
  })

  it('has the attempts with --json', async () => {
    const {json, queue} = await openTorque()
    await queue.add([aTask({id: 'one'})])
    const claim = await claimOne(queue)
    const attempt = {
      attempt: 1,
      startedAt: 1_700_000_000_000,
      durationMs: 12,
      status: 503,
      error: 'http_status',
      message: '503 X',
      response: 'no',
    } as const
    const settlement = bury(claim)
    if (settlement.verdict.op === 'bury') settlement.verdict.run.history = [attempt]
    await queue.settle([settlement], keepAll)

    expect(await json(['show', 'one'])).toMatchObject({
      state: 'dead',
      attempt: 1,
      errors: 1,
      lastError: {code: 'http_status', status: 503, message: '503 X'},
      attempts: [{...attempt, startedAt: '2023-11-14T22:13:20.000Z'}],
    })
  })

  it('prints the call as a curl command with --curl', async () => {
    const {torque, queue} = await openTorque()
    await queue.add([aTask({id: 'one'})])

    const {code, stdout} = await torque(['show', 'one', '--curl'])

    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^curl .*'webhook-id: one'.* --data-raw 'foo=somevalue&baz=99' http:\/\/127\.0\.0\.1:9\/hooks\/do\/foo\n$/,
    )
  })

  it('exits 3 for an id that is none, or not in the queue that is named', async () => {
    const {torque, store, queue} = await openTorque()
    await queue.add([aTask({id: 'one'})])
    await store.queue('mail').add([aTask({queue: 'mail'})])

    for (const words of [['none'], ['one', '-q', 'mail'], ['one', '-q', 'nowhere']]) {
      expect(await torque(['show', ...words])).toMatchObject({code: 3, stdout: ''})
      expect((await torque(['show', ...words, '--json'])).code).toBe(3)
    }
  })

  it('exits 4 for an id in two queues until one is named', async () => {
    const {torque, json, store, queue} = await openTorque()
    await queue.add([aTask({id: 'twice'})])
    await store.queue('mail').add([aTask({id: 'twice', queue: 'mail'})])

    const {code, stderr} = await torque(['show', 'twice', '--json'])

    expect(code).toBe(4)
    expect(JSON.parse(stderr)).toMatchObject({
      error: {code: 'ambiguous_id', id: 'twice', message: expect.stringContaining('default, mail')},
    })
    expect(await json(['show', 'twice', '-q', 'mail'])).toMatchObject({queue: 'mail'})
  })

  it('wants an id', async () => {
    const {torque} = await openTorque()

    expect(await torque(['show'])).toMatchObject({code: 2, stderr: expect.stringContaining('Missing 1 required arg')})
    expect(await torque(['show', 'one', 'two'])).toMatchObject({code: 2})
    expect(await torque(['show', 'one', '--curl', '--json'])).toMatchObject({code: 2})
  })
})
