import {once} from 'node:events'
import {connect} from 'node:net'
import {request} from 'node:https'
import {text} from 'node:stream/consumers'
import {connect as connectTls} from 'node:tls'
import {describe, expect, it} from 'vitest'

import {makeCertificate} from '../support/certificate.js'
import {openEndpoint, sendRaw} from '../support/endpoint.js'

const certificate = makeCertificate(['localhost'])

async function ask(port: number, ca: string): Promise<{status: number; body: string}> {
  const asked = request({port, host: '127.0.0.1', servername: 'localhost', ca, path: '/hooks/add', method: 'POST', agent: false})
  const [response] = await once(asked.end('url=http://127.0.0.1:9/'), 'response')
  return {status: response.statusCode, body: await text(response)}
}

describe('an endpoint with a certificate', () => {
  it('takes tasks over TLS', async () => {
    const {port, url, tasks} = await openEndpoint({certificate})

    expect((await ask(port, certificate.cert)).status).toBe(200)
    expect(url).toBe(`https://127.0.0.1:${port}`)
    expect(tasks).toHaveLength(1)
  })

  it('speaks nothing older than TLS 1.2', async () => {
    const {port, tasks} = await openEndpoint({certificate})
    const options = {port, host: '127.0.0.1', ca: certificate.cert, servername: 'localhost', ciphers: 'ALL:@SECLEVEL=0'}
    const old = connectTls({...options, minVersion: 'TLSv1', maxVersion: 'TLSv1.1'})
    const [error] = await once(old, 'error')
    const fine = connectTls({...options, maxVersion: 'TLSv1.2'})
    await once(fine, 'secureConnect')
    fine.destroy()

    expect(String(error)).toMatch(/protocol version|unsupported protocol|no protocols|handshake failure/i)
    expect(tasks).toEqual([])
  })

  it('closes on whoever speaks plain HTTP, or nothing at all, and goes on', async () => {
    const {port, bugs} = await openEndpoint({certificate, timeouts: {headersMs: 200, checkEveryMs: 20}})

    const raw = await sendRaw(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    const silent = connect(port, '127.0.0.1').on('error', () => {})
    await once(silent.resume(), 'close')

    expect(raw).not.toContain('200 OK')
    expect((await ask(port, certificate.cert)).status).toBe(200)
    expect(bugs).toEqual([])
  })

  it('shows a new one from when it is told to, and lets no connection go for it', async () => {
    const {port, endpoint} = await openEndpoint({certificate})
    const next = makeCertificate(['localhost'])
    const kept = connectTls({port, host: '127.0.0.1', ca: certificate.cert, servername: 'localhost'})
    await once(kept, 'secureConnect')

    endpoint.renew({tokens: {admin: [], add: []}, certificate: next})
    kept.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')

    expect(await text(kept)).toContain('200 OK')
    expect((await ask(port, next.cert)).status).toBe(200)
    await expect(ask(port, certificate.cert)).rejects.toThrow(/self-signed|verify/)
  })

  it('lets a request in flight finish when it stops, and closes connections that rest', async () => {
    let release = () => {}
    let begin = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const begun = new Promise<void>((resolve) => (begin = resolve))
    const {port, endpoint} = await openEndpoint({
      certificate,
      add: async (queue, tasks) => {
        begin()
        await held
        return tasks.map(({id}) => ({id, queue, state: 'ready', dueAt: 0, duplicate: false}))
      },
    })
    const resting = connectTls({port, host: '127.0.0.1', ca: certificate.cert, servername: 'localhost'})
    await once(resting, 'secureConnect')
    const answer = ask(port, certificate.cert)
    await begun

    const stopped = endpoint.stop(60_000)
    await once(resting.resume(), 'close')
    release()

    expect((await answer).status).toBe(200)
    await stopped
  })
})
