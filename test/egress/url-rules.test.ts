import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {EgressPolicy} from '../../src/task/address.js'
import {newTask} from '../../src/task/new-task.js'
import {parseTarget} from '../../src/task/target.js'
import {callTo, openDeliverer} from '../support/deliverer.js'
import {embeddedSpelling, ipv4Spelling, urlOf} from './spellings.js'

const policies = [new EgressPolicy({mode: 'internal'}), new EgressPolicy({mode: 'public'})]
for (const policy of policies) policy.setOwn('listener', [{host: '127.0.0.1', port: 80}])

function refusal(url: string, egress: EgressPolicy): unknown {
  try {
    return newTask({url}, {egress}).url
  } catch (error) {
    return (error as {code?: string}).code
  }
}

const octet = fc.nat({max: 255})
const denied = fc.oneof(
  fc.constantFrom([169, 254, 169, 254], [169, 254, 170, 2], [168, 63, 129, 16], [100, 100, 100, 200], [0, 0, 0, 0]),
  fc.tuple(fc.constantFrom(0, 224, 239, 240, 255), octet, octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
)

describe('the rules of URLs', () => {
  it('let in no spelling of an address that is never called', () => {
    const spelled = denied.chain((octets) => fc.oneof(ipv4Spelling(octets), embeddedSpelling(octets))).chain(urlOf)
    fc.assert(
      fc.property(spelled, (url) => {
        // Where good.example is the host, and all else its path, it was never about that address.
        for (const policy of policies) {
          const taken = refusal(url, policy)
          if (taken !== 'invalid_url' && taken !== 'egress_denied')
            expect(new URL(String(taken)).hostname, url).toBe('good.example')
        }
      }),
      {numRuns: 4000},
    )
  })

  it('let in no odd spelling of any address: what is written is what is called', () => {
    const spelled = fc
      .tuple(octet, octet, octet, octet)
      .chain((octets) => fc.oneof(ipv4Spelling(octets), embeddedSpelling(octets)))
    fc.assert(
      fc.property(spelled, (host) => {
        const taken = refusal(`http://${host}/`, policies[0]!)

        if (taken !== 'invalid_url' && taken !== 'egress_denied') expect(taken).toBe(`http://${host}/`)
      }),
      {numRuns: 3000},
    )
  })

  it('read a URL as new URL() does, and it is that host and port which is judged and called', async () => {
    const asked: string[] = []
    const ask = (host: string, port: number) => (asked.push(`${host} ${port}`), 'denied')
    // Through a proxy, names are judged as such, and nothing is looked up.
    const egress = {judge: (_address: string, port: number, host: string) => ask(host, port), judgeName: ask}
    const deliverer = openDeliverer({egress, proxy: {host: '127.0.0.1', port: 1}})
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.constantFrom(
        'localhost',
        'LOCALHOST',
        'h',
        'a_b',
        'bücher.example',
        'xn--bcher-kva.example',
        'h.',
        '1.2.3.4.5',
        'a..b',
        '例え。jp',
      ),
      fc.string({unit: 'binary', maxLength: 6}),
    )
    const rest = fc.oneof(
      fc.constantFrom(
        '',
        '/',
        ':80/',
        ':443',
        ':8080/a/../b?c=d#e',
        '/%2e%2e/x',
        ':65535/',
        '/a//b',
        '?q',
        '/ä',
        ':0',
        '/:80@x',
        '#@y',
      ),
      fc.string({unit: 'binary', maxLength: 6}),
    )
    const urls = fc
      .tuple(fc.constantFrom('http', 'https', 'HTTP'), host, rest)
      .map(([scheme, name, tail]) => `${scheme}://${name}${tail}`)

    await fc.assert(
      fc.asyncProperty(urls, async (text) => {
        const target = taken(text)
        if (!target) return
        const {hostname, port, protocol, origin, href} = new URL(text)

        expect(target).toEqual({url: href.split('#')[0], origin})
        asked.length = 0
        expect(await deliverer.deliver(callTo(target.url))).toMatchObject({error: 'egress_denied'})
        const called = `${hostname.replace(/^\[|\]$/g, '')} ${port || (protocol === 'https:' ? 443 : 80)}`
        expect(new Set(asked)).toEqual(new Set([called]))
      }),
      {numRuns: 300},
    )
  })
})

function taken(text: string) {
  try {
    return parseTarget(text)
  } catch {
    return undefined
  }
}
