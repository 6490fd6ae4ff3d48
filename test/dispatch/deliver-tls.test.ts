import type {Server as TlsServer} from 'node:https'
import {describe, expect, it} from 'vitest'

import {makeCertificate} from '../support/certificate.js'
import {callTo, openDeliverer} from '../support/deliverer.js'
import {openNameServer} from '../support/name-server.js'
import {openReceiver} from '../support/receiver.js'

const authority = makeCertificate(['Test Authority'], {isAuthority: true})

/** Calls a receiver with this certificate by the name hook.test. */
async function callWith(certificate: {key: string; cert: string}, tls: object = {}) {
  const receiver = await openReceiver({}, {...certificate, ...tls})
  const {address} = await openNameServer({'hook.test': ['127.0.0.1']})
  const deliverer = openDeliverer({dnsServers: [address], ca: authority.cert})
  const outcome = await deliverer.deliver(callTo(`https://hook.test:${receiver.port}/`))
  return {outcome, receiver}
}

describe('deliver over TLS', () => {
  it('trusts a certificate of the given authority, for its name', async () => {
    const {outcome, receiver} = await callWith(makeCertificate(['hook.test'], {issuer: authority}))

    expect(outcome).toMatchObject({status: 200, error: null})
    expect(receiver.calls[0]!.headers.host).toBe(`hook.test:${receiver.port}`)
  })

  it.each([
    ['signed by itself', makeCertificate(['hook.test']), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['for another host', makeCertificate(['other.test'], {issuer: authority}), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['expired', makeCertificate(['hook.test'], {issuer: authority, notAfter: new Date(Date.now() - 1000)}), 'CERT_HAS_EXPIRED'],
  ])('does not trust one that is %s', async (_what, certificate, reason) => {
    const {outcome, receiver} = await callWith(certificate)

    const message = `no trusted TLS connection to hook.test:${receiver.port} (${reason})`
    expect(outcome).toMatchObject({status: null, error: 'tls', message})
    expect(receiver.calls).toEqual([])
  })

  it('does not speak TLS 1.1', async () => {
    const certificate = makeCertificate(['hook.test'], {issuer: authority})

    const {outcome} = await callWith(certificate, {minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0'})

    expect(outcome).toMatchObject({error: 'tls'})
  })

  it('says so when the receiver speaks plain HTTP', async () => {
    const receiver = await openReceiver()

    const outcome = await openDeliverer().deliver(callTo(`https://127.0.0.1:${receiver.port}/`))

    expect(outcome).toMatchObject({status: null, error: 'tls'})
  })

  it('verifies each new connection: a certificate may have changed', async () => {
    const receiver = await openReceiver({headers: {connection: 'close'}}, makeCertificate(['hook.test'], {issuer: authority}))
    const {address} = await openNameServer({'hook.test': ['127.0.0.1']})
    const deliverer = openDeliverer({dnsServers: [address], ca: authority.cert})
    const call = callTo(`https://hook.test:${receiver.port}/`)
    expect(await deliverer.deliver(call)).toMatchObject({status: 200})

    const {key, cert} = makeCertificate(['hook.test'])
    ;(receiver.server as TlsServer).setSecureContext({key, cert})

    expect(await deliverer.deliver(call)).toMatchObject({error: 'tls'})
  })

  it('leaves the dot at the end of a name out of the handshake', async () => {
    const receiver = await openReceiver({}, makeCertificate(['hook.test'], {issuer: authority}))
    const {address} = await openNameServer({'hook.test': ['127.0.0.1']})
    const deliverer = openDeliverer({dnsServers: [address], ca: authority.cert})

    expect(await deliverer.deliver(callTo(`https://hook.test.:${receiver.port}/`))).toMatchObject({status: 200})
  })
})
