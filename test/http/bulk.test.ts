import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {openEndpoint} from '../support/endpoint.js'

const url = 'http://mywebservice.com/hooks/do/foo'
const done = {matched: 0, changed: 0, skipped: 0, failed: 0, dryRun: false}

async function openWithDead() {
  const all = await openEndpoint()
  const queue = all.store.queue('default')
  for (const id of ['dead1', 'dead2', 'dead3']) await bringTo('dead', queue, {id})
  await bringTo('delivered', queue, {id: 'delivered'})
  await bringTo('active', queue, {id: 'active'})
  await bringTo('scheduled', queue, {id: 'scheduled'})
  const states = async () => Object.fromEntries((await all.ask('/tasks')).body.tasks.map(({id, state}) => [id, state]))
  return {...all, states}
}

describe('POST /tasks/retry', () => {
  it('revives all dead tasks when told all', async () => {
    const {ask, states} = await openWithDead()

    const {status, body} = await ask('/tasks/retry', {json: {all: true}})

    expect([status, body]).toEqual([200, {...done, matched: 3, changed: 3}])
    expect(await states()).toEqual({
      dead1: 'ready',
      dead2: 'ready',
      dead3: 'ready',
      delivered: 'delivered',
      active: 'active',
      scheduled: 'scheduled',
    })
  })

  it('takes ids in any state, and skips what cannot be revived', async () => {
    const {ask, states} = await openWithDead()

    const {body} = await ask('/tasks/retry', {json: {ids: ['dead1', 'scheduled', 'active', 'delivered', 'dead1']}})

    expect(body).toEqual({...done, matched: 4, changed: 2, skipped: 2})
    expect(await states()).toMatchObject({dead1: 'ready', scheduled: 'ready', active: 'active', delivered: 'delivered'})
  })

  it('counts ids that no task has as failed, and is 404 where none has', async () => {
    const {ask} = await openWithDead()

    const some = await ask('/tasks/retry', {json: {ids: ['dead1', 'nobody']}})
    const none = await ask('/tasks/retry', {json: {ids: ['nobody', 'nothing']}})

    expect(some.body).toEqual({...done, matched: 2, changed: 1, failed: 1})
    expect([none.status, none.body.error?.code]).toEqual([404, 'no_such_task'])
  })

  it('changes no more than limit', async () => {
    const {ask} = await openWithDead()

    expect((await ask('/tasks/retry', {json: {state: 'dead', limit: 2}})).body).toEqual({...done, matched: 2, changed: 2})
  })

  it('takes every filter, and all must hold', async () => {
    const {ask} = await openWithDead()
    const filter = {
      host: '127.0.0.1:9',
      url: ['*/do/*', 'http://*'],
      minErrors: 1,
      idPrefix: 'dead',
      newerThan: '1h',
      param: 'baz=99',
    }

    expect((await ask('/tasks/retry', {json: {...filter, status: '5xx'}})).body).toEqual({...done})
    expect((await ask('/tasks/retry', {json: {...filter, idPrefix: 'dead2'}})).body).toEqual({...done, matched: 1, changed: 1})
    expect((await ask('/tasks/retry', {json: filter})).body).toEqual({...done, matched: 2, changed: 2})
  })

  it('changes what set says on the way, by the rules of an add', async () => {
    const {ask} = await openWithDead()
    const set = {url: 'http://new.example/x', headers: {'X-One': 'a', 'x-two': null}, timeout: 5}

    expect((await ask('/tasks/retry', {json: {ids: ['dead1'], set}})).body).toEqual({...done, matched: 1, changed: 1})
    expect((await ask('/tasks/dead1')).body).toMatchObject({
      state: 'ready',
      url: 'http://new.example/x',
      headers: {'x-one': 'a'},
      timeoutMs: 5000,
      flowKey: 'http://new.example',
    })
  })

  it.each([
    [{url: '/relative'}, 'invalid_url'],
    [{headers: {host: 'a'}}, 'invalid_headers'],
    [{headers: {a: true}}, 'invalid_headers'],
    [{timeout: '1ms'}, 'invalid_timeout'],
    [{method: 'GET'}, 'unknown_field'],
    ['url=x', 'invalid_request'],
  ])('refuses to set %j', async (set, code) => {
    const {ask, states} = await openWithDead()

    const reply = await ask('/tasks/retry', {json: {all: true, set}})

    expect([reply.status, reply.body.error?.code]).toEqual([400, code])
    expect(await states()).toMatchObject({dead1: 'dead'})
  })

  it('only counts on a dry run', async () => {
    const {ask, states} = await openWithDead()
    const before = await states()

    const {body} = await ask('/tasks/retry', {json: {state: ['dead', 'scheduled'], dryRun: true}})

    expect(body).toEqual({...done, matched: 4, dryRun: true})
    expect(await states()).toEqual(before)
  })
})

describe('POST /tasks/purge', () => {
  it('deletes the dead tasks of the default queue, not of others', async () => {
    const {ask, store, states} = await openWithDead()
    await bringTo('dead', store.queue('mails'), {id: 'mail', queue: 'mails'})

    const {body} = await ask('/tasks/purge', {json: {all: true, queue: null}})

    expect(body).toEqual({...done, matched: 3, changed: 3})
    expect(Object.keys(await states()).toSorted()).toEqual(['active', 'delivered', 'mail', 'scheduled'])
  })

  it('leaves active tasks alone when told every state, and takes them when told active', async () => {
    const {ask, states} = await openWithDead()

    await ask('/tasks/purge', {json: {state: 'all'}})
    expect(await states()).toEqual({active: 'active'})
    await ask('/tasks/purge', {json: {state: 'active'}})
    expect(await states()).toEqual({})
  })

  it('deletes only what is old enough', async () => {
    const {ask} = await openWithDead()

    expect((await ask('/tasks/purge', {json: {olderThan: '1h'}})).body.matched).toBe(0)
    expect((await ask('/tasks/purge', {json: {olderThan: 0}})).body.matched).toBe(3)
  })

  it('deletes more than one batch', async () => {
    const {ask} = await openEndpoint()
    await ask('/tasks', {json: Array.from({length: 1200}, () => ({url, delay: 60}))})

    expect((await ask('/tasks/purge', {json: {state: 'scheduled'}})).body).toEqual({...done, matched: 1200, changed: 1200})
  })

  it.each([
    ['nothing', {}, 400, 'invalid_request'],
    ['only a queue', {queue: 'default'}, 400, 'invalid_request'],
    ['only a limit', {limit: 5}, 400, 'invalid_request'],
    ['all that is false', {all: false}, 400, 'invalid_request'],
    ['an unknown field', {all: true, older_than: '7d'}, 400, 'unknown_field'],
    ['ids and a filter', {ids: ['a'], state: 'dead'}, 400, 'invalid_request'],
    ['an unknown state', {state: 'done'}, 400, 'invalid_state'],
    ['a bad duration', {olderThan: '7 days'}, 400, 'invalid_duration'],
    ['a filter with nothing in it', {host: ''}, 400, 'invalid_filter'],
    ['a filter of a wrong type', {param: {a: 1}}, 400, 'invalid_filter'],
    ['ids and a filter of any kind', {ids: ['a'], host: 'b'}, 400, 'invalid_request'],
    ['something to set', {all: true, set: {timeout: 5}}, 400, 'unknown_field'],
    ['a rate', {all: true, rate: '1/s'}, 400, 'unknown_field'],
    ['a bad limit', {all: true, limit: 0}, 400, 'invalid_limit'],
    ['a flag that is a string', {all: 'yes'}, 400, 'invalid_request'],
    ['ids that are numbers', {ids: [1]}, 400, 'invalid_request'],
    ['an unknown queue', {all: true, queue: 'never'}, 404, 'no_such_queue'],
    ['more ids than a batch has', {ids: Array.from({length: 10_001}, (_, id) => `t${id}`)}, 413, 'too_large'],
    ['an array', [], 400, 'invalid_json'],
  ])('refuses %s, and deletes nothing', async (_what, json, status, code) => {
    const {ask, states} = await openWithDead()

    const reply = await ask('/tasks/purge', {json})

    expect([reply.status, reply.body.error?.code]).toEqual([status, code])
    expect(Object.keys(await states())).toHaveLength(6)
  })

  it('refuses a body that is no JSON by its type, and a filter in the query string', async () => {
    const {ask} = await openEndpoint()

    const form = await ask('/tasks/purge', {form: {all: 'true'}})
    const query = await ask('/tasks/purge?all=true', {json: {}})

    expect([form.status, form.body.error?.code]).toEqual([415, 'unsupported_media_type'])
    expect([query.status, query.body.error?.code]).toEqual([400, 'unknown_field'])
  })
})
