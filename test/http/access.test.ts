import {describe, expect, it} from 'vitest'

import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http://127.0.0.1:9/'

/** Asks over a raw connection, since fetch decides on Host, Origin and Sec-Fetch-Site itself. Resolves to the status. */
async function statusOf(port: number, line: string, headers: Record<string, string>): Promise<number> {
  const given = {Connection: 'close', ...headers, ...(line.startsWith('POST') && {'Content-Length': String(form.length)})}
  const head = [`${line} HTTP/1.1`, ...Object.entries(given).map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return errorOf(await sendRaw(port, `${head}\r\n\r\n${line.startsWith('POST') ? form : ''}`)).status
}

describe('without tokens', () => {
  it.each([
    ['localhost', 200],
    ['LOCALHOST:8090', 200],
    ['127.0.0.1:8090', 200],
    ['10.1.2.3', 200],
    ['[::1]:8090', 200],
    ['torque.internal', 200],
    ['Torque.Internal:443', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['evil.localhost', 403],
    ['127.1', 403],
    ['0x7f000001', 403],
    ['[::1', 403],
    ['[localhost]', 403],
    ['user@localhost', 403],
    ['localhost:8090:1', 403],
    ['', 403],
  ])('a request for the host %j is answered %i', async (host, status) => {
    const {port, tasks} = await openEndpoint({trustedHosts: ['torque.internal']})

    expect(await statusOf(port, 'POST /hooks/add', {Host: host})).toBe(status)
    expect(await statusOf(port, 'GET /stats', {Host: host})).toBe(status)
    expect(tasks).toHaveLength(status === 200 ? 1 : 0)
  })

  it.each([
    ['a page of ours', {Origin: 'http://localhost:8090', 'Sec-Fetch-Site': 'same-origin'}, 200],
    ['a page of ours behind TLS', {Origin: 'https://localhost:8090'}, 200],
    ['a trusted name whose proxy rewrites Host', {Origin: 'https://torque.internal', 'Sec-Fetch-Site': 'same-origin'}, 200],
    ['an address typed in', {'Sec-Fetch-Site': 'none'}, 200],
    ['a page of another site', {Origin: 'https://evil.example'}, 403],
    ['a page on another port', {Origin: 'http://localhost:3000'}, 403],
    ['a page on another port of a trusted name', {Origin: 'https://torque.internal:3000'}, 403],
    ['a sandboxed page', {Origin: 'null'}, 403],
    ['an extension', {Origin: 'chrome-extension://localhost:8090'}, 403],
    ['a link on another site', {'Sec-Fetch-Site': 'cross-site'}, 403],
    ['an image on another port', {'Sec-Fetch-Site': 'same-site'}, 403],
  ])('%s', async (_what, headers, status) => {
    const {port, tasks} = await openEndpoint({trustedHosts: ['torque.internal']})

    expect(await statusOf(port, 'POST /hooks/add', {Host: 'localhost:8090', ...headers})).toBe(status)
    expect(await statusOf(port, 'GET /tasks', {Host: 'localhost:8090', ...headers})).toBe(status)
    expect(tasks).toHaveLength(status === 200 ? 1 : 0)
  })

  it('a preflight from another origin gets no leave', async () => {
    const {port} = await openEndpoint()

    expect(await statusOf(port, 'OPTIONS /tasks', {Host: 'localhost', Origin: 'https://evil.example'})).toBe(403)
  })

  it('an HTTP/1.0 request needs no Host, but is judged by what it says', async () => {
    const {port} = await openEndpoint()
    const head = `POST /hooks/add HTTP/1.0\r\nContent-Length: ${form.length}\r\n`

    expect(errorOf(await sendRaw(port, `${head}\r\n${form}`)).status).toBe(200)
    expect(errorOf(await sendRaw(port, `${head}Host: evil.example\r\n\r\n${form}`)).status).toBe(403)
    expect(errorOf(await sendRaw(port, `${head}Origin: http://evil.example\r\n\r\n${form}`)).status).toBe(403)
  })

  it('health and readiness are open to all', async () => {
    const {port} = await openEndpoint()
    const headers = {Host: 'probe.example', Origin: 'https://probe.example'}

    expect(await statusOf(port, 'GET /healthz', headers)).toBe(200)
    expect(await statusOf(port, 'GET /readyz', headers)).toBe(200)
  })
})
