import {isIP} from 'node:net'
import {describe, expect, it} from 'vitest'

import {NameLookup, isLocalName} from '../../src/dispatch/lookup.js'
import {EgressPolicy} from '../../src/task/address.js'
import {newTask} from '../../src/task/new-task.js'
import {openNameServer} from '../support/name-server.js'

const policies = [
  new EgressPolicy({mode: 'internal'}),
  new EgressPolicy({mode: 'public'}),
  new EgressPolicy({
    mode: 'allowlist',
    allow: ['127.0.0.1/32', '10.1.0.0/16', 'fd12:3456::/32', 'hooks.example.com', '*.svc.internal'],
  }),
]

/** What names mean here. `example.com` is out in the world, the others inside. */
const zone = {
  'example.com': ['93.184.215.14'],
  'priv6.test': ['fd00::1'],
  'zero.test': ['0.0.0.0'],
  '127.0.0.1.nip.io': ['127.0.0.1'],
  'hooks.example.com': ['10.0.0.7'],
  'app.svc.internal': ['10.0.0.8'],
}

/**
 * Of each URL what internal, public and allowlist make of it: `ok` dialled, `R …` refused when it is added, and why, `B` taken and denied
 * when it is dialled, `dns` an error that is tried again. One verdict stands for three alike.
 */
const sample: [url: string, ...verdicts: string[]][] = [
  ['http://127.0.0.1/', 'ok', 'R denied', 'ok'],
  ['http://[::1]/', 'ok', 'R denied', 'R denied'],
  ['http://LOCALHOST/', 'ok', 'B', 'ok'],
  ['http://127.1/', 'R non_canonical'],
  ['http://0x7f000001/', 'R non_canonical'],
  ['http://0177.0.0.1/', 'R non_canonical'],
  ['http://127.0.0.1./', 'R non_canonical'],
  ['http://１２７.0.0.1/', 'R non_canonical'],
  ['http://%31%32%37.0.0.1/', 'R bad_host'],
  ['http://127.0.0.1%2f.example.com/', 'R bad_host'],
  ['http://0x0/', 'R non_canonical'],
  ['http://[::ffff:127.0.0.1]/', 'R ip_embedding'],
  ['http://[::127.0.0.1]/', 'R ip_embedding'],
  ['http://[64:ff9b::a9fe:a9fe]/', 'R ip_embedding'],
  ['http://[2002:a9fe:a9fe::]/', 'R ip_embedding'],
  ['http://2852039166/', 'R non_canonical'],
  ['http://169.254.43518/', 'R non_canonical'],
  ['http://169.254.170.2/v2/credentials', 'R denied'],
  ['http://168.63.129.16/', 'R denied'],
  ['http://[fe80::1%25eth0]/', 'R bad_host'],
  ['http://10.0.0.1/', 'ok', 'R denied', 'R denied'],
  ['http://172.31.255.255/', 'ok', 'R denied', 'R denied'],
  ['http://192.168.257/', 'R non_canonical'],
  ['http://100.128.0.1/', 'ok', 'ok', 'R denied'],
  ['http://192.88.99.1/', 'R denied'],
  ['http://255.255.255.255/', 'R denied'],
  ['http://[ff02::1]/', 'R denied'],
  ['http://[5f00::1]/', 'R denied'],
  ['http://example.com@127.0.0.1/', 'R userinfo'],
  ['http://example.com#@127.0.0.1/', 'ok', 'ok', 'B'],
  ['http://127.0.0.1:80\\@example.com:80/', 'R bad_char'],
  ['http:127.0.0.1', 'R malformed'],
  ['//127.0.0.1/', 'R not_absolute'],
  ['http://127.0\n.0.1/', 'R bad_char'],
  ['http://example.com\r\nX-Injected:%20y/', 'R bad_char'],
  ['http://127.0.0.1:65536/', 'R malformed'],
  ['http://127.0.0.1: 80/', 'R bad_char'],
  ['http://', 'R no_host'],
  ['http://xn--/', 'R malformed'],
  ['http://4294967296/', 'R malformed'],
  ['http://priv6.test/', 'ok', 'B', 'B'],
  ['http://zero.test/', 'B'],
  ['http://127.0.0.1.nip.io/', 'ok', 'B', 'ok'],
  ['http://hooks.example.com./', 'ok', 'B', 'ok'],
  ['http://app.svc.internal/', 'ok', 'B', 'ok'],
  ['http://nx.invalid/', 'dns'],
  ['ftp://127.0.0.1/', 'R scheme'],
  ['javascript:alert(1)', 'R scheme'],
  ['unix:/var/run/docker.sock', 'R scheme'],
  ['redis://127.0.0.1:6379', 'R scheme'],
]

function added(url: string, egress: EgressPolicy): URL | string {
  try {
    return new URL(newTask({url}, {egress}).url)
  } catch (error) {
    return `R ${/refused \((\w+)\)/.exec((error as Error).message)?.[1]}`
  }
}

/** By the rule of `Dialler`, short of the connection, for the addresses are somebody's: `test/namespace` has those made. */
async function fateOf(url: string, egress: EgressPolicy, names: NameLookup): Promise<string> {
  const target = added(url, egress)
  if (typeof target === 'string') return target
  const host = target.hostname.replace(/^\[|\]$/g, '')
  const found = isIP(host) ? [host] : await names.addresses(host).catch(() => [])
  if (found.length === 0) return 'dns'
  const allowed = found.filter((address) => egress.judge(address, Number(target.port || 80), host) === null)
  return allowed.length === found.length || (isLocalName(host) && allowed.length > 0) ? 'ok' : 'B'
}

describe('the sample of addresses', () => {
  it.each(sample)('%j deserves %s', async (url, ...verdicts) => {
    const {address} = await openNameServer(zone)
    const names = new NameLookup({dnsServers: [address]})

    const fates = await Promise.all(policies.map((policy) => fateOf(url, policy, names)))

    expect(fates).toEqual(verdicts.length === 3 ? verdicts : policies.map(() => verdicts[0]))
  })
})
