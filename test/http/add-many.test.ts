import {describe, expect, it} from 'vitest'

import {openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'
const ndjson = {'content-type': 'application/x-ndjson'}

describe('POST /tasks with many', () => {
  const good = (id: string) => ({url, id})
  const bad = {url: 'ftp://h/'}

  it('queues the good ones of an array and names the bad ones by index', async () => {
    const {ask, store} = await openEndpoint()

    const {status, list} = await ask('/tasks', {json: [good('a'), bad, good('b'), 17, {...good('c'), queue: 'mails'}]})

    expect(status).toBe(200)
    expect(list).toEqual([
      {id: 'a', queue: 'default', state: 'ready', dueAt: expect.any(String), duplicate: false},
      {index: 1, error: {code: 'invalid_url', message: expect.any(String), field: 'url'}},
      expect.objectContaining({id: 'b'}),
      {index: 3, error: {code: 'invalid_json', message: expect.any(String)}},
      expect.objectContaining({id: 'c', queue: 'mails'}),
    ])
    expect((await store.inspector.find(['a', 'b', 'c'])).map(({queue}) => queue)).toEqual(['default', 'default', 'mails'])
  })

  it('answers a line for each line of NDJSON, blank ones aside', async () => {
    const {ask} = await openEndpoint()
    const lines = [JSON.stringify(good('a')), '', '{"url":', JSON.stringify(good('b')), '\r', '']

    const {status, headers, list} = await ask('/tasks', {body: lines.join('\n'), headers: ndjson})

    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8'])
    expect(list).toEqual([
      expect.objectContaining({id: 'a'}),
      {index: 1, error: expect.objectContaining({code: 'invalid_json'})},
      expect.objectContaining({id: 'b'}),
    ])
  })

  it('answers an empty array with one', async () => {
    const {ask} = await openEndpoint()

    expect([(await ask('/tasks', {json: []})).text, (await ask('/tasks', {body: '\n', headers: ndjson})).text]).toEqual([
      '[]',
      '',
    ])
  })

  it('takes 10,000, and refuses one more as a whole', async () => {
    const {ask, tasks} = await openEndpoint()
    const list = Array.from({length: 10_000}, (_, index) => good(`t${index}`))

    const [full, over, lines] = [
      await ask('/tasks', {json: list}),
      await ask('/tasks', {json: [...list, good('over')]}),
      await ask('/tasks', {body: '{}\n'.repeat(10_001), headers: ndjson}),
    ]

    expect(full.list).toHaveLength(10_000)
    expect(full.list.every((result, index) => result.id === `t${index}`)).toBe(true)
    expect([over, lines].map(({status, body}) => [status, body.error?.code])).toEqual([
      [413, 'too_large'],
      [413, 'too_large'],
    ])
    expect(tasks).toHaveLength(10_000)
  })

  it('takes more than 1 MiB in all, and refuses a task of it that alone has more', async () => {
    const {ask} = await openEndpoint()
    const half = {url, body: 'a'.repeat(1 << 19)}

    const {status, list} = await ask('/tasks', {json: [half, half, half, {url, body: 'a'.repeat(1 << 20)}]})

    expect([status, list.map(({error}) => error?.code)]).toEqual([200, [undefined, undefined, undefined, 'too_large']])
  })

  it('takes 16 MiB of line ends for no task', async () => {
    const {ask} = await openEndpoint()

    const {status, text} = await ask('/tasks', {body: '\n'.repeat(16 << 20), headers: ndjson})

    expect([status, text]).toEqual([200, ''])
  })

  it('refuses more than 16 MiB', async () => {
    const {ask} = await openEndpoint()

    const {status, body} = await ask('/tasks', {body: ' '.repeat((16 << 20) + 1), headers: ndjson})

    expect([status, body.error?.code]).toEqual([413, 'too_large'])
  })

  it('refuses an array that is none, and queues nothing', async () => {
    const {ask, tasks} = await openEndpoint()

    const {status, body} = await ask('/tasks', {
      body: `[${JSON.stringify(good('a'))}`,
      headers: {'content-type': 'application/json'},
    })

    expect([status, body.error?.code, tasks]).toEqual([400, 'invalid_json', []])
  })

  it('refuses an Idempotency-Key, which all would share, and takes one per task', async () => {
    const {ask} = await openEndpoint()

    const shared = await ask('/tasks', {json: [{url}], headers: {'idempotency-key': 'k'}})
    const own = await ask('/tasks', {
      json: [
        {url, idempotencyKey: 'k'},
        {url, idempotencyKey: 'k'},
      ],
    })

    expect([shared.status, shared.body.error?.code]).toEqual([400, 'invalid_idempotency_key'])
    expect(own.list.map(({duplicate}) => duplicate)).toEqual([false, true])
  })
})
