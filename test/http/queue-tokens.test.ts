import {describe, expect, it} from 'vitest'

import {openEndpoint} from '../support/endpoint.js'

const url = 'http://127.0.0.1:9/'
const tokens = {admin: ['root'], add: [{token: 'any'}, {token: 'mailer', queues: ['mail', 'sms']}]}
const bearer = (token: string) => ({authorization: `Bearer ${token}`})

describe('a token for some queues', () => {
  it('adds to those', async () => {
    const {ask, tasks} = await openEndpoint({tokens})
    const headers = bearer('mailer')

    const replies = [
      await ask('/hooks/add', {form: {url, queue: 'mail'}, headers}),
      await ask('/hooks/add?queue=sms', {form: {url}, headers}),
      await ask('/add_task', {form: {url, queue_name: 'mail'}, headers}),
      await ask('/tasks', {json: {url, queue: 'sms'}, headers}),
    ]

    expect(replies.map(({status}) => status)).toEqual([200, 200, 200, 201])
    expect(tasks.map(({queue}) => queue)).toEqual(['mail', 'sms', 'mail', 'sms'])
  })

  it('adds to no other, and not to the default one either', async () => {
    const {ask, tasks} = await openEndpoint({tokens})
    const headers = bearer('mailer')

    const replies = [
      await ask('/hooks/add', {form: {url}, headers}),
      await ask('/hooks/add?queue=mail', {form: {url, queue: 'other'}, headers}),
      await ask('/hooks/add', {form: {url, queue: ' default '}, headers}),
      await ask('/tasks', {json: {url, queue: 'other'}, headers}),
    ]

    for (const {status, body} of replies)
      expect([status, body.error]).toEqual([403, expect.objectContaining({code: 'forbidden', field: 'queue'})])
    expect(tasks).toEqual([])
  })

  it('is told for each of a batch', async () => {
    const {ask, tasks} = await openEndpoint({tokens})
    const json = [{url, queue: 'mail'}, {url}, {url, queue: 'other'}, {url, queue: 'sms'}]

    const {status, list} = await ask('/tasks', {json, headers: bearer('mailer')})

    expect(status).toBe(200)
    expect(list.map(({error, queue}) => error?.code ?? queue)).toEqual(['mail', 'forbidden', 'forbidden', 'sms'])
    expect(tasks.map(({queue}) => queue).toSorted()).toEqual(['mail', 'sms'])
  })

  it('learns nothing of a task in another queue by its id', async () => {
    const {ask} = await openEndpoint({tokens})
    await ask('/hooks/add', {form: {url, id: 'one'}, headers: bearer('root')})

    const known = await ask('/hooks/add', {form: {url, id: 'one'}, headers: bearer('mailer')})
    const unknown = await ask('/hooks/add', {form: {url, id: 'two'}, headers: bearer('mailer')})
    const read = await ask('/tasks/one', {headers: bearer('mailer')})

    expect(known.text).toBe(unknown.text)
    expect(read.status).toBe(403)
  })

  it('leaves other tokens as they are', async () => {
    const {ask} = await openEndpoint({tokens})

    expect((await ask('/hooks/add', {form: {url}, headers: bearer('any')})).status).toBe(200)
    expect((await ask('/hooks/add', {form: {url}, headers: bearer('root')})).status).toBe(200)
  })
})

describe('new tokens', () => {
  it('hold from the next request on, over connections that stand as well', async () => {
    const {ask, endpoint} = await openEndpoint({tokens})
    expect((await ask('/stats', {headers: bearer('root')})).status).toBe(200)

    endpoint.renew({tokens: {admin: ['next'], add: [{token: 'mailer', queues: ['other']}]}})

    expect((await ask('/stats', {headers: bearer('root')})).status).toBe(401)
    expect((await ask('/stats', {headers: bearer('next')})).status).toBe(200)
    expect((await ask('/hooks/add', {form: {url, queue: 'mail'}, headers: bearer('mailer')})).status).toBe(403)
    expect((await ask('/hooks/add', {form: {url, queue: 'other'}, headers: bearer('mailer')})).status).toBe(200)
  })
})
