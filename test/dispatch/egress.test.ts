import {describe, expect, it} from 'vitest'

import type {Denial} from '../../src/dispatch/denials.js'
import type {EgressJudge} from '../../src/dispatch/egress.js'
import {EgressPolicy} from '../../src/task/address.js'
import {UrlScope} from '../../src/task/url-scope.js'
import {anywhere, callTo, openDeliverer} from '../support/deliverer.js'
import {openNameServer, type Zone} from '../support/name-server.js'
import {openReceiver} from '../support/receiver.js'

/** Denies these addresses and keeps what it was asked. */
class TestJudge implements EgressJudge {
  readonly asked: string[] = []
  readonly #denied: string[]

  constructor(...denied: string[]) {
    this.#denied = denied
  }

  judge(address: string, port: number, host: string): string | null {
    this.asked.push(`${address} ${port} ${host}`)
    return this.#denied.includes(address) ? 'denied' : null
  }

  judgeName(): null {
    return null
  }
}

async function openNamed(zone: Zone, egress = new TestJudge()) {
  const names = await openNameServer(zone)
  return {names, egress, deliverer: openDeliverer({egress, dnsServers: [names.address]})}
}

describe('egress', () => {
  it('judges a literal before it is dialled, with its port', async () => {
    const receiver = await openReceiver()
    const egress = new TestJudge('127.0.0.1')

    const outcome = await openDeliverer({egress}).deliver(callTo(receiver.url()))

    expect(outcome).toMatchObject({status: null, error: 'egress_denied'})
    expect(egress.asked).toEqual([`127.0.0.1 ${receiver.port} 127.0.0.1`])
    expect(receiver.connections).toBe(0)
  })

  it('judges an IPv6 literal without its brackets, and the default port of https', async () => {
    const egress = new TestJudge('::1')

    expect(await openDeliverer({egress}).deliver(callTo('https://[::1]/'))).toMatchObject({error: 'egress_denied'})
    expect(egress.asked).toEqual(['::1 443 ::1'])
  })

  it('dials the judged address of a name and sends the name as Host', async () => {
    const {deliverer, egress} = await openNamed({'hook.test': ['127.0.0.1']})
    const receiver = await openReceiver()

    const outcome = await deliverer.deliver(callTo(`http://hook.test:${receiver.port}/`))

    expect(outcome).toMatchObject({status: 200})
    expect(egress.asked).toEqual([`127.0.0.1 ${receiver.port} hook.test`])
    expect(receiver.calls[0]!.headers.host).toBe(`hook.test:${receiver.port}`)
  })

  it.each([
    ['its only address', ['127.0.0.1']],
    ['one of several', ['127.0.0.2', '127.0.0.1']],
    ['its address of the other family', ['127.0.0.2', 'fd00::1']],
  ])('denies a name by %s, and opens no connection', async (_what, addresses) => {
    const {deliverer, egress} = await openNamed({'hook.test': addresses}, new TestJudge('127.0.0.1', 'fd00::1'))
    const receiver = await openReceiver()

    const outcome = await deliverer.deliver(callTo(`http://hook.test:${receiver.port}/`))

    expect(outcome).toMatchObject({error: 'egress_denied', message: `calls to hook.test:${receiver.port} are not allowed`})
    expect(egress.asked).toHaveLength(addresses.length)
    expect(receiver.connections).toBe(0)
  })

  it('asks for a name once, however many calls want it at a time', async () => {
    const {deliverer, names} = await openNamed({'hook.test': ['127.0.0.1']})
    const receiver = await openReceiver()
    const url = `http://hook.test:${receiver.port}/`

    const outcomes = await Promise.all(Array.from({length: 8}, () => deliverer.deliver(callTo(url))))

    expect(outcomes.map(({status}) => status)).toEqual(Array.from({length: 8}, () => 200))
    expect(names.questions).toEqual(['hook.test', 'hook.test'])
  })

  it('tries the addresses of a name in order until one takes the connection', async () => {
    // Nobody listens on the first two: a receiver has one address.
    const {deliverer} = await openNamed({'hook.test': ['127.0.0.3', '127.0.0.2', '127.0.0.1']})
    const receiver = await openReceiver()

    expect(await deliverer.deliver(callTo(`http://hook.test:${receiver.port}/`))).toMatchObject({status: 200})
  })

  it('says that a name with several addresses refused when all did', async () => {
    const {deliverer} = await openNamed({'hook.test': ['127.0.0.3', '127.0.0.2']})
    const receiver = await openReceiver()

    const outcome = await deliverer.deliver(callTo(`http://hook.test:${receiver.port}/`))

    expect(outcome).toMatchObject({error: 'connect_refused'})
  })

  it('judges localhost without a name server, and dials what is allowed of it', async () => {
    const {deliverer, names} = await openNamed({}, new TestJudge('::1'))
    const receiver = await openReceiver()

    expect(await deliverer.deliver(callTo(`http://localhost:${receiver.port}/`))).toMatchObject({status: 200})
    expect(names.questions).toEqual([])
  })

  it('denies localhost when no address of it is allowed', async () => {
    const {deliverer} = await openNamed({}, new TestJudge('127.0.0.1', '::1'))

    expect(await deliverer.deliver(callTo('http://api.localhost:9/'))).toMatchObject({error: 'egress_denied'})
  })

  it('goes by the policy of the task side: no metadata service, not torque itself', async () => {
    const own = await openReceiver()
    const egress = new EgressPolicy({mode: 'internal'})
    egress.setOwn('listener', [{host: '127.0.0.1', port: own.port}])
    const deliverer = openDeliverer({egress})
    const receiver = await openReceiver()

    expect(await deliverer.deliver(callTo('http://169.254.169.254/latest'))).toMatchObject({error: 'egress_denied'})
    expect(await deliverer.deliver(callTo(own.url('/hooks/add')))).toMatchObject({error: 'egress_denied'})
    expect(await deliverer.deliver(callTo(`http://localhost:${own.port}/`))).toMatchObject({error: 'egress_denied'})
    expect(await deliverer.deliver(callTo(receiver.url()))).toMatchObject({status: 200})
    expect(own.connections).toBe(0)
  })

  it('calls nothing outside of the scope, whichever door its task came in by', async () => {
    const receiver = await openReceiver()
    const deliverer = openDeliverer({scope: new UrlScope(receiver.url('/hooks/'))})

    expect(await deliverer.deliver(callTo(receiver.url('/hooks/a')))).toMatchObject({status: 200})
    expect(await deliverer.deliver(callTo(receiver.url('/a')))).toMatchObject({
      error: 'egress_denied',
      message: 'its url is not under --base-task-url',
    })
    expect(receiver.calls.map(({url}) => url)).toEqual(['/hooks/a'])
  })

  it('tells the operator of what it denied and why, once for each target', async () => {
    const denials: Denial[] = []
    const {address} = await openNameServer({'hook.test': ['127.0.0.2', '127.0.0.1']})
    const egress = new EgressPolicy({mode: 'internal', deny: ['127.0.0.1']})
    const deliverer = openDeliverer({egress, dnsServers: [address], onDenied: (denial) => denials.push(denial)})

    for (const url of ['http://hook.test/a', 'http://hook.test/b', 'http://hook.test:81/', 'http://169.254.169.254/'])
      expect(await deliverer.deliver(callTo(url))).toMatchObject({error: 'egress_denied'})

    expect(denials).toEqual([
      {host: 'hook.test', port: 80, reason: '127.0.0.1:80 is denied by --egress-deny'},
      {host: 'hook.test', port: 81, reason: '127.0.0.1:81 is denied by --egress-deny'},
      {host: '169.254.169.254', port: 80, reason: '169.254.169.254 is a link-local address'},
    ])
  })

  it('denies when the judge fails', async () => {
    const receiver = await openReceiver()
    const judge = () => {
      throw new Error('a bug')
    }

    expect(await openDeliverer({egress: {...anywhere, judge}}).deliver(callTo(receiver.url()))).toMatchObject({error: 'internal'})
    expect(
      await openDeliverer({egress: {...anywhere, judge}}).deliver(callTo(`http://localhost:${receiver.port}/`)),
    ).toMatchObject({
      error: 'internal',
    })
    expect(receiver.connections).toBe(0)
  })
})
