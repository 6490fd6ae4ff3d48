import {describe, expect, it} from 'vitest'

import {checkExposure} from '../../src/http/access.js'
import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http://127.0.0.1:9/'
const none = {admin: [], add: []}

/** Asks over a raw connection, since fetch decides on Host, Origin and Sec-Fetch-Site itself. Resolves to the status. */
async function statusOf(port: number, line: string, headers: Record<string, string>): Promise<number> {
  const given = {Connection: 'close', ...headers, ...(line.startsWith('POST') && {'Content-Length': String(form.length)})}
  const head = [`${line} HTTP/1.1`, ...Object.entries(given).map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return errorOf(await sendRaw(port, `${head}\r\n\r\n${line.startsWith('POST') ? form : ''}`)).status
}

describe('with tokens', () => {
  const tokens = {admin: ['old-admin', 'new-admin'], add: [{token: 'adder'}]}
  const bearer = (token: string) => ({authorization: `Bearer ${token}`})

  it.each([
    ['none', {}],
    ['a wrong one', bearer('nobody')],
    ['the start of a right one', bearer('old-admi')],
    ['a right one and more', bearer('old-admin1')],
    ['an empty one', bearer('')],
    ['another scheme', {authorization: `Basic ${btoa('old-admin:')}`}],
    ['no scheme', {authorization: 'old-admin'}],
  ])('%s is answered 401', async (_what, headers) => {
    const {ask, tasks} = await openEndpoint({tokens})

    const replies = [
      await ask('/hooks/add', {form: {url: 'http://h/'}, headers}),
      await ask('/stats', {headers}),
      await ask('/nowhere', {headers}),
    ]

    for (const reply of replies) {
      expect([reply.status, reply.body.error?.code, reply.headers.get('www-authenticate')]).toEqual([
        401,
        'unauthorized',
        'Bearer realm="torque"',
      ])
    }
    expect(tasks).toEqual([])
  })

  it.each(tokens.admin)('%s may do everything', async (token) => {
    const {ask} = await openEndpoint({tokens})
    const headers = bearer(token)

    expect((await ask('/hooks/add', {form: {url: 'http://h/'}, headers})).status).toBe(200)
    expect((await ask('/tasks', {headers})).status).toBe(200)
    expect((await ask('/tasks/purge', {json: {all: true}, headers})).status).toBe(200)
  })

  it('one that may add can do only that', async () => {
    const {ask} = await openEndpoint({tokens})
    const headers = bearer('adder')
    const statuses = async (...asked: Parameters<typeof ask>[]) =>
      Promise.all(asked.map(async (each) => (await ask(...each)).status))

    const adds = await statuses(
      ['/hooks/add?queue=a', {form: {url: 'http://h/'}, headers}],
      ['/add_task', {form: {url: 'http://h/'}, headers}],
      ['/tasks', {json: [], headers}],
    )
    const others = await statuses(
      ['/tasks', {headers}],
      ['/tasks/a', {headers}],
      ['/tasks/a', {method: 'DELETE', headers}],
      ['/tasks/retry', {json: {all: true}, headers}],
      ['/stats', {headers}],
      ['/%74asks', {headers}],
    )

    expect(adds).toEqual([200, 200, 200])
    expect(others).toEqual(others.map(() => 403))
  })

  it('a request with a right one is not judged by its Host or Origin', async () => {
    const {port} = await openEndpoint({tokens})
    const headers = {
      Host: 'evil.example',
      Origin: 'https://evil.example',
      'Sec-Fetch-Site': 'cross-site',
      Authorization: 'bearer new-admin',
    }

    expect(await statusOf(port, 'GET /stats', headers)).toBe(200)
  })

  it('health and readiness are open', async () => {
    const {ask} = await openEndpoint({tokens})

    expect([(await ask('/healthz')).status, (await ask('/readyz')).status]).toEqual([200, 200])
  })

  it('an empty token among them opens nothing', async () => {
    const {ask} = await openEndpoint({tokens: {admin: ['', 'real'], add: []}})

    expect((await ask('/stats', {headers: bearer('')})).status).toBe(401)
  })
})

describe('checkExposure', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', 'LocalHost'])('lets %s go without a token', (host) => {
    expect(() => checkExposure({host, tokens: none, noAuth: false})).not.toThrow()
  })

  it.each(['0.0.0.0', '::', '', '10.0.0.1', '127.0.0.1.evil.example', '127.evil.example', 'myhost', '::ffff:127.0.0.1'])(
    'refuses %j without one',
    (host) => {
      expect(() => checkExposure({host, tokens: none, noAuth: false})).toThrowError(
        expect.objectContaining({code: 'refused', field: 'host'}),
      )
      expect(() => checkExposure({host, tokens: {admin: [''], add: []}, noAuth: false})).toThrowError()
    },
  )

  it('lets any go with a token or with noAuth', () => {
    expect(() => checkExposure({host: '0.0.0.0', tokens: {admin: ['a'], add: []}, noAuth: false})).not.toThrow()
    expect(() => checkExposure({host: '0.0.0.0', tokens: none, noAuth: true})).not.toThrow()
  })
})
