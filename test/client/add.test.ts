import {describe, expect, it, onTestFinished} from 'vitest'

import {type TaskFields, type TorqueError, add} from '../../src/index.js'
import {added, answeringServer, closedPort} from './answering-server.js'

const url = 'http://localhost/hooks/do/foo'
const busy = (code: string) => ({status: 503, headers: {'retry-after': '0'}, body: {error: {code, message: 'not now'}}})

describe('add', () => {
  it('posts the fields as JSON and resolves to the result', async () => {
    const server = await answeringServer(added)

    const result = await add({url, params: {a: 1}, delay: 2, id: 'mine'}, {url: server.url})

    expect(result).toEqual({id: 'mine', queue: 'default', state: 'ready', dueAt: '2026-11-23T17:00:00.000Z', duplicate: false})
    expect(server.seen).toMatchObject([{method: 'POST', path: '/tasks', body: {url, params: {a: 1}, delay: 2, id: 'mine'}}])
  })

  it('writes an instant as ISO 8601 and leaves undefined fields out', async () => {
    const server = await answeringServer(added)

    await add({url, at: new Date(0), delay: undefined, id: 'mine'}, {url: server.url})

    expect(server.seen[0]?.body).toEqual({url, at: '1970-01-01T00:00:00.000Z', id: 'mine'})
  })

  it('names the task before it sends it, unless the caller did', async () => {
    const server = await answeringServer(added)

    await add({url}, {url: server.url})
    await add({url, idempotencyKey: 'order 7'}, {url: server.url})

    expect(server.seen[0]?.body).toMatchObject({id: expect.stringMatching(/^[0-9a-z]{20}$/)})
    expect(server.seen[1]?.body).toEqual({url, idempotencyKey: 'order 7'})
  })

  it('sends the token, and keeps the path of the url', async () => {
    const server = await answeringServer(added)

    await add({url}, {url: `${server.url}/torque/`, token: 'secret'})

    expect(server.seen[0]).toMatchObject({path: '/torque/tasks', headers: {authorization: 'Bearer secret'}})
  })

  it('shares a bounded number of connections', async () => {
    const server = await answeringServer(added)
    const warnings: Error[] = []
    const note = (warning: Error) => void warnings.push(warning)
    process.on('warning', note)
    onTestFinished(() => void process.off('warning', note))

    await Promise.all(Array.from({length: 1000}, () => add({url}, {url: server.url})))

    expect(new Set(server.seen.map(({connection}) => connection)).size).toBeLessThanOrEqual(64)
    expect(warnings).toEqual([])
  })

  it('throws what the server says', async () => {
    const error = {code: 'invalid_url', message: 'url "x" is relative', field: 'url'}
    const server = await answeringServer({status: 400, body: {error}})

    await expect(add({url: 'x', id: 'mine'}, {url: server.url})).rejects.toMatchObject({
      ...error,
      name: 'TorqueError',
      id: 'mine',
    })
    expect(server.seen).toHaveLength(1)
  })

  it('keeps the message of a code it does not know', async () => {
    const server = await answeringServer({status: 400, body: {error: {code: 'of_a_newer_server', message: 'no'}}})

    await expect(add({url}, {url: server.url})).rejects.toMatchObject({code: 'failed', message: 'of_a_newer_server: no'})
  })

  it('says that something else answered', async () => {
    const server = await answeringServer({status: 200, body: 'hello'}, {status: 404})

    await expect(add({url}, {url: server.url})).rejects.toMatchObject({code: 'failed'})
    await expect(add({url}, {url: server.url})).rejects.toMatchObject({code: 'not_found'})
  })
})

describe('add, when the server fails', () => {
  it.each<[string, TaskFields]>([
    ['its own id', {url}],
    ["the caller's key", {url, idempotencyKey: 'k'}],
  ])('sends the same again by %s after a cut connection and a 503', async (_, fields) => {
    const server = await answeringServer('cut', busy('redis_unavailable'), added)

    const result = await add(fields, {url: server.url})

    expect(result.state).toBe('ready')
    expect(server.seen.map(({body}) => body)).toEqual(Array(3).fill(server.seen[0]?.body))
  })

  it('does not call its own earlier try a duplicate', async () => {
    const answer = {queue: 'default', state: 'ready', dueAt: null, duplicate: true}
    const server = await answeringServer(({body}) => ({status: 200, body: {...answer, id: (body as {id: string}).id}}))

    expect(await add({url}, {url: server.url})).toMatchObject({duplicate: false})
    expect(await add({url, id: 'x'}, {url: server.url})).toMatchObject({duplicate: true})
  })

  it('calls a duplicate what is unique and stands under another id', async () => {
    const body = {id: 'x', queue: 'default', state: 'ready', dueAt: null, duplicate: true}
    const server = await answeringServer({status: 200, body})

    expect(await add({url, unique: '10m'}, {url: server.url})).toMatchObject({id: 'x', duplicate: true})
  })

  it('throws server_unreachable with its cause when nothing listens', async () => {
    const failure = add({url}, {url: await closedPort(), retries: 1})

    await expect(failure).rejects.toMatchObject({code: 'server_unreachable', cause: {code: 'ECONNREFUSED'}})
  })

  it('throws outcome_unknown with the id when the answer never came', async () => {
    const server = await answeringServer('cut')

    const error = await add({url}, {url: server.url, retries: 1}).catch((reason: unknown) => reason as TorqueError)

    expect(error).toMatchObject({code: 'outcome_unknown', id: expect.any(String)})
    expect(server.seen.map(({body}) => body)).toEqual(Array(2).fill({url, id: (error as TorqueError).id}))
  })

  it('does not claim that nothing was queued when only the last try is known to have failed', async () => {
    const server = await answeringServer('cut', busy('redis_unavailable'))

    await expect(add({url}, {url: server.url, retries: 1})).rejects.toMatchObject({code: 'outcome_unknown'})
  })

  it('gives up at its deadline, without another try', async () => {
    const server = await answeringServer('hang')

    await expect(add({url}, {url: server.url, timeoutMs: 50})).rejects.toMatchObject({code: 'outcome_unknown'})
    expect(server.seen).toHaveLength(1)
  })

  it('does not wait as long as a server asks for when that is long', async () => {
    const server = await answeringServer({...busy('queue_full'), headers: {'retry-after': '3600'}})

    await expect(add({url}, {url: server.url})).rejects.toMatchObject({code: 'queue_full'})
    expect(server.seen).toHaveLength(1)
  })
})
