import {describe, expect, it} from 'vitest'

import {EgressPolicy, type EgressRules} from '../../src/task/address.js'
import {makeCertificate} from '../support/certificate.js'
import {type ProxyAnswer, openConnectProxy} from '../support/connect-proxy.js'
import {callTo, openDeliverer} from '../support/deliverer.js'
import {openReceiver} from '../support/receiver.js'

async function openProxied({
  answer,
  egress,
  tls,
  authorization,
}: {
  answer?: ProxyAnswer
  egress?: EgressRules
  tls?: {key: string; cert: string; ca: string}
  authorization?: string
} = {}) {
  const receiver = await openReceiver({body: 'x'.repeat(5000)}, tls)
  const proxy = await openConnectProxy(receiver.port, answer)
  const policy = new EgressPolicy(egress ?? {mode: 'public'})
  const deliverer = openDeliverer({
    egress: policy,
    proxy: {host: '127.0.0.1', port: proxy.port, authorization},
    // Nobody to ask: no name is looked up here.
    dnsServers: ['127.0.0.1:1'],
    connectTimeoutMs: 1000,
    ...(tls && {ca: tls.ca}),
  })
  return {receiver, proxy, policy, deliverer}
}

describe('deliver through a proxy', () => {
  it('asks for a way to the host and port, and calls as it would without', async () => {
    const {receiver, proxy, deliverer} = await openProxied()

    const outcome = await deliverer.deliver(callTo('http://hook.test:8080/x', {payload: {kind: 'params', text: '{"a":"b"}'}}))

    expect(outcome).toMatchObject({status: 200, response: 'x'.repeat(1024)})
    expect(receiver.calls[0]).toMatchObject({url: '/x', body: 'a=b', headers: {host: 'hook.test:8080'}})
    expect(proxy.heads).toEqual(['CONNECT hook.test:8080 HTTP/1.1\r\nhost: hook.test:8080\r\n\r\n'])
  })

  it('trusts no more than the certificate of the target, over TLS', async () => {
    const authority = makeCertificate(['Test Authority'], {isAuthority: true})
    const {key, cert} = makeCertificate(['hook.test'], {issuer: authority})
    const {proxy, deliverer} = await openProxied({tls: {key, cert, ca: authority.cert}})

    expect(await deliverer.deliver(callTo('https://hook.test/'))).toMatchObject({status: 200})
    expect(await deliverer.deliver(callTo('https://other.test/'))).toMatchObject({
      error: 'tls',
      message: 'no trusted TLS connection to other.test (ERR_TLS_CERT_ALTNAME_INVALID)',
    })
    expect(proxy.targets).toEqual(['hook.test:443', 'other.test:443'])
  })

  it('keeps the way open for the next call, and lets go of it in the end', async () => {
    const {receiver, proxy, deliverer} = await openProxied()
    for (let i = 0; i < 5; i++) expect(await deliverer.deliver(callTo('http://hook.test/'))).toMatchObject({status: 200})

    await deliverer.close()
    await proxy.idle()

    expect(proxy.targets).toEqual(['hook.test:80'])
    expect(receiver.calls).toHaveLength(5)
  })

  it('says who it is where the proxy wants to know', async () => {
    const answer: ProxyAnswer = (head) =>
      head.includes('\r\nproxy-authorization: Basic YTpi\r\n') ? null : 'HTTP/1.1 407 Who?\r\ncontent-length: 0\r\n\r\n'
    const known = await openProxied({answer, authorization: 'Basic YTpi'})
    const unknown = await openProxied({answer})

    expect(await known.deliverer.deliver(callTo('http://hook.test/'))).toMatchObject({status: 200})
    expect(await unknown.deliverer.deliver(callTo('http://hook.test/'))).toMatchObject({status: null, error: 'proxy'})
    expect(known.receiver.calls[0]!.headers).not.toHaveProperty('proxy-authorization')
  })

  it.each<[string, string | ProxyAnswer, string]>([
    ['refuses', 'HTTP/1.1 403 Forbidden\r\n\r\n', 'it answered 403'],
    ['answers before it is open', 'HTTP/1.1 100 Continue\r\n\r\n', 'it answered 100'],
    ['does not speak HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n', 'it did not answer in valid HTTP/1.1'],
    ['says more than it was asked', 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 'it sent more than its answer'],
    ['answers without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4000)}`, 'its answer has no end'],
    ['closes', (_head, socket) => (socket.end(), ''), 'it closed the connection'],
    ['resets', (_head, socket) => (socket.resetAndDestroy(), ''), 'it cannot be reached (ECONNRESET)'],
  ])('blames a proxy that %s', async (_what, answer, message) => {
    const {proxy, deliverer} = await openProxied({answer: typeof answer === 'string' ? () => answer : answer})

    for (const scheme of ['http', 'https']) {
      expect(await deliverer.deliver(callTo(`${scheme}://hook.test:1234/`))).toMatchObject({
        status: null,
        error: 'proxy',
        message: `the egress proxy opened no way to hook.test:1234: ${message}`,
      })
    }
    await proxy.idle()
  })

  it('waits for a silent proxy no longer than for any connection', async () => {
    const {proxy, deliverer} = await openProxied({answer: () => ''})

    expect(await deliverer.deliver(callTo('http://hook.test/'))).toMatchObject({error: 'connect_timeout'})
    await proxy.idle()
  })

  it('blames a proxy that is not there, and does without it in no case', async () => {
    const {receiver, proxy, deliverer} = await openProxied({egress: {mode: 'internal'}})
    await proxy.close().catch(() => {})

    expect(await deliverer.deliver(callTo(receiver.url()))).toMatchObject({
      error: 'proxy',
      message: `the egress proxy opened no way to 127.0.0.1:${receiver.port}: it cannot be reached (ECONNREFUSED)`,
    })
    expect(receiver.connections).toBe(0)
  })

  it.each<[string, EgressRules, string[], string[]]>([
    [
      'public',
      {mode: 'public', deny: ['bad.test', '8.8.0.0/16']},
      ['http://127.0.0.1/', 'http://10.0.0.1/', 'http://localhost/', 'http://8.8.8.8/', 'http://bad.test/', 'http://[fd00::1]/'],
      ['http://hook.test/', 'http://1.1.1.1/', 'http://[2606:4700::1111]/'],
    ],
    [
      'internal',
      {mode: 'internal', deny: ['bad.test:443']},
      [
        'http://169.254.169.254/',
        'https://bad.test/',
        'http://redis.test:6379/',
        'http://localhost:8090/',
        'http://a.localhost:8090/',
      ],
      ['http://bad.test/', 'http://10.0.0.1/', 'http://redis.test/', 'http://localhost/'],
    ],
    [
      'allowlist',
      {mode: 'allowlist', allow: ['0.0.0.0/0', '*.good.test', 'hook.test:8080']},
      ['http://good.test/', 'http://hook.test/', 'http://[2606:4700::1111]/', 'http://169.254.169.254/'],
      ['http://a.good.test/', 'http://hook.test:8080/', 'http://10.0.0.1/'],
    ],
  ])(
    'judges names by what names them, and literals as ever, before it asks the proxy: %s',
    async (_mode, egress, denied, allowed) => {
      const {proxy, policy, deliverer} = await openProxied({egress})
      policy.setOwn('redis', [{host: 'redis.test', port: 6379}])
      policy.setOwn('listener', [{host: '127.0.0.1', port: 8090}])

      for (const url of denied) expect(await deliverer.deliver(callTo(url)), url).toMatchObject({error: 'egress_denied'})
      expect(proxy.heads).toEqual([])

      for (const url of allowed) expect(await deliverer.deliver(callTo(url)), url).toMatchObject({status: 200})
      expect(proxy.heads).toHaveLength(allowed.length)
    },
  )
})
