import {describe, expect, it} from 'vitest'

import {EgressPolicy} from '../../src/task/address.js'
import {newTask} from '../../src/task/new-task.js'

const policies = {
  internal: new EgressPolicy({mode: 'internal'}),
  public: new EgressPolicy({mode: 'public'}),
  allowlist: new EgressPolicy({
    mode: 'allowlist',
    allow: ['127.0.0.1/32', '10.1.0.0/16', 'fd12:3456::/32', 'hooks.example.com', '*.svc.internal'],
  }),
}

type Mode = keyof typeof policies
const modes = Object.keys(policies) as Mode[]

function added(url: string, mode: Mode): string {
  try {
    newTask({url}, {egress: policies[mode]})
    return 'ok'
  } catch (error) {
    return (error as {code: string}).code
  }
}

describe('EgressPolicy', () => {
  const [ok, no] = ['ok', 'egress_denied']

  it.each([
    ['http://127.0.0.1/', ok, no, ok],
    ['http://127.0.0.2:8080/', ok, no, no],
    ['http://[::1]/', ok, no, no],
    ['http://10.0.0.1/', ok, no, no],
    ['http://10.1.2.3/', ok, no, ok],
    ['http://172.31.255.255/', ok, no, no],
    ['http://192.168.1.1/', ok, no, no],
    ['http://[fd00::1]/', ok, no, no],
    ['http://[fd12:3456::1]/', ok, no, ok],
    ['http://100.64.0.1/', ok, no, no],
    ['http://100.128.0.1/', ok, ok, no],
    ['https://1.1.1.1/', ok, ok, no],
    ['http://[2606:4700::1111]/', ok, ok, no],
    ['http://169.254.169.254/', no, no, no],
    ['http://169.254.170.2/v2/credentials', no, no, no],
    ['http://169.254.0.1/', no, no, no],
    ['http://168.63.129.16/', no, no, no],
    ['http://100.100.100.200/', no, no, no],
    ['http://[fd00:ec2::254]/', no, no, no],
    ['http://[fe80::1]/', no, no, no],
    ['http://0.0.0.0/', no, no, no],
    ['http://0.1.2.3/', no, no, no],
    ['http://[::]/', no, no, no],
    ['http://192.88.99.1/', no, no, no],
    ['http://192.0.2.1/', no, no, no],
    ['http://198.18.0.1/', no, no, no],
    ['http://240.0.0.1/', no, no, no],
    ['http://255.255.255.255/', no, no, no],
    ['http://224.0.0.1/', no, no, no],
    ['http://[ff02::1]/', no, no, no],
    ['http://[5f00::1]/', no, no, no],
    ['http://[2001:db8::1]/', no, no, no],
    ['http://[fec0::1]/', no, no, no],
  ])('judges %s: internal %s, public %s, allowlist %s', (url, ...verdicts) => {
    expect(modes.map((mode) => added(url, mode))).toEqual(verdicts)
  })

  it.each([
    'http://LOCALHOST/',
    'http://example.com/',
    'http://zero.test/',
    'http://127.0.0.1.nip.io/',
    'http://metadata.google.internal/',
  ])('leaves the name in %s to when it is dialled', (url) => {
    expect(modes.map((mode) => added(url, mode))).toEqual(['ok', 'ok', 'ok'])
  })

  it.each<[string, string, boolean[]]>([
    ['localhost', '127.0.0.1', [true, false, true]],
    ['localhost', '::1', [true, false, false]],
    ['priv6.test', 'fd00::1', [true, false, false]],
    ['zero.test', '0.0.0.0', [false, false, false]],
    ['127.0.0.1.nip.io', '127.0.0.1', [true, false, true]],
    ['hooks.example.com', '127.0.0.5', [true, false, true]],
    ['hooks.example.com.', '1.1.1.1', [true, true, true]],
    ['hooks.example.com', '169.254.169.254', [false, false, false]],
    ['hooks.example.com', '::ffff:127.0.0.1', [false, false, false]],
    ['app.svc.internal', '10.9.9.9', [true, false, true]],
    ['a.b.svc.internal', '10.9.9.9', [true, false, false]],
    ['example.com', '1.1.1.1', [true, true, false]],
    ['example.com', 'not an address', [false, false, false]],
  ])('judges %s at %s when it is dialled', (host, address, allowed) => {
    expect(modes.map((mode) => policies[mode].judge(address, 80, host) === null)).toEqual(allowed)
  })

  it('lets deny win, in every mode and over every form of allow', () => {
    const deny = ['10.1.2.0/24', 'bad.example.com', '127.0.0.1:8080']
    const allowlist = new EgressPolicy({mode: 'allowlist', allow: ['10.0.0.0/8', '*.example.com', '127.0.0.1'], deny})
    const internal = new EgressPolicy({mode: 'internal', deny})

    for (const policy of [allowlist, internal]) {
      expect(policy.judge('10.1.2.3', 80, '10.1.2.3')).toMatch(/--egress-deny/)
      expect(policy.judge('10.1.3.3', 80, '10.1.3.3')).toBeNull()
      expect(policy.judge('1.1.1.1', 80, 'bad.example.com')).toMatch(/--egress-deny/)
      expect(policy.judge('1.1.1.1', 80, 'good.example.com')).toBeNull()
      expect(policy.judge('127.0.0.1', 8080, 'localhost')).toMatch(/--egress-deny/)
      expect(policy.judge('127.0.0.1', 8081, 'localhost')).toBeNull()
    }
  })

  it('lets nothing allow what is never called', () => {
    const policy = new EgressPolicy({mode: 'allowlist', allow: ['0.0.0.0/0', '::/0', '169.254.169.254', 'metadata.example']})

    for (const address of ['169.254.169.254', '0.0.0.0', 'fe80::1', '::ffff:10.0.0.1', '224.0.0.1', '168.63.129.16']) {
      expect(policy.judge(address, 80, 'metadata.example')).not.toBeNull()
    }
  })

  it('minds the port of a url, the default one too', () => {
    const policy = new EgressPolicy({mode: 'allowlist', allow: ['10.0.0.1:443', '[fd00::1]:8080']})

    expect(policy.judgeLiteral('https://10.0.0.1/')).toBeNull()
    expect(policy.judgeLiteral('http://10.0.0.1/')).toMatch(/not allowed/)
    expect(policy.judgeLiteral('http://10.0.0.1:443/')).toBeNull()
    expect(policy.judgeLiteral('http://[fd00::1]:8080/')).toBeNull()
  })

  it.each<[string, string, string[], string[]]>([
    [
      'a listener on loopback',
      '127.0.0.1',
      ['127.0.0.1', '::1', '127.9.9.9', '192.168.7.7', 'fd77::7'],
      ['192.168.7.8', '1.1.1.1'],
    ],
    [
      'a listener on every address',
      '0.0.0.0',
      ['127.0.0.1', '::1', '127.9.9.9', '192.168.7.7', 'fd77::7'],
      ['192.168.7.8', '1.1.1.1'],
    ],
    ['a listener on every address of both kinds', '::', ['127.0.0.1', '::1', '192.168.7.7', 'fd77::7'], ['192.168.7.8']],
    ['a listener on an address of this machine', '192.168.7.7', ['192.168.7.7', '127.0.0.1', 'fd77::7'], ['192.168.7.8']],
    ['a Redis under the name localhost', 'LOCALHOST', ['127.0.0.1', '::1', '192.168.7.7'], ['1.1.1.1']],
    ['a Redis on a mapped address', '::ffff:127.0.0.1', ['127.0.0.1', '::1'], ['1.1.1.1']],
    ['a Redis elsewhere', '10.5.5.5', ['10.5.5.5'], ['127.0.0.1', '10.5.5.6']],
    ['a Redis elsewhere, by IPv6', '[FD55:0::5]', ['fd55::5'], ['::1', 'fd55::6']],
  ])('never calls %s', (_name, host, denied, allowed) => {
    const policy = new EgressPolicy({
      mode: 'internal',
      interfaces: () => ['127.0.0.1', '192.168.7.7', 'fd77::7'],
    })
    policy.setOwn('listener', [{host, port: 8090}])

    for (const address of denied) {
      expect(policy.judge(address, 8090, 'any.example')).toMatch(/torque itself/)
      expect(policy.judge(address, 8091, 'any.example')).toBeNull()
    }
    for (const address of allowed) expect(policy.judge(address, 8090, 'any.example')).toBeNull()
  })

  it('never calls its Redis by the name it has, and not itself once it listens', () => {
    const policy = new EgressPolicy({mode: 'allowlist', allow: ['0.0.0.0/0']})
    policy.setOwn('redis', [{host: 'redis.internal', port: 6379}])
    expect(policy.judgeLiteral('http://127.0.0.1:40123/hooks/add')).toBeNull()
    policy.setOwn('listener', [{host: '127.0.0.1', port: 40_123}])

    expect(policy.judge('10.0.0.9', 6379, 'Redis.internal.')).toMatch(/torque itself/)
    expect(policy.judge('10.0.0.9', 80, 'redis.internal')).toBeNull()
    expect(policy.judgeLiteral('http://127.0.0.1:40123/hooks/add')).not.toBeNull()
    expect(policy.judgeLiteral('http://127.0.0.1:40124/')).toBeNull()
  })

  it('follows its own parts as they move, and the addresses of the machine as they come', () => {
    const interfaces = ['192.168.7.7']
    const policy = new EgressPolicy({mode: 'internal', interfaces: () => interfaces})
    policy.setOwn('listener', [{host: '0.0.0.0', port: 8090}])
    policy.setOwn('redis', [
      {host: '10.0.0.1', port: 6379},
      {host: '10.0.0.2', port: 6379},
    ])
    const judged = (url: string) => policy.judgeLiteral(url) === null && policy.judge(new URL(url).hostname, 6379, 'x') === null
    expect([judged('http://10.0.0.1:6379/'), judged('http://10.0.0.3:6379/')]).toEqual([false, true])

    policy.setOwn('redis', [{host: '10.0.0.3', port: 6379}])
    interfaces.push('192.168.8.8')

    expect([judged('http://10.0.0.1:6379/'), judged('http://10.0.0.3:6379/')]).toEqual([true, false])
    expect(policy.judge('192.168.8.8', 8090, 'any.example')).toMatch(/torque itself/)
  })

  it('tells producers what everybody knows of an address, and of this network only that it may not be called', () => {
    const policy = new EgressPolicy({mode: 'allowlist', allow: ['10.0.0.0/8'], deny: ['10.0.0.2']})
    policy.setOwn('redis', [{host: '10.0.0.1', port: 6379}])
    const told = (url: string) => policy.judgeLiteral(url)

    expect(told('http://169.254.169.254/')).toBe('169.254.169.254 is a link-local address')
    expect(told('http://10.0.0.1:6379/')).toBe('calls to 10.0.0.1:6379 are not allowed')
    expect(told('http://10.0.0.2:6379/')).toBe('calls to 10.0.0.2:6379 are not allowed')
    expect(told('http://192.168.0.1/')).toBe('calls to 192.168.0.1 are not allowed')
    expect(told('http://[fd00::1]/')).toBe('calls to [fd00::1] are not allowed')
  })

  it('judges an origin again as it did before, and each by itself', () => {
    const policy = new EgressPolicy({mode: 'internal', deny: ['10.0.0.1', '10.0.0.2:443']})

    for (const path of ['/', '/a', '/b?c', '']) {
      expect(policy.judgeLiteral(`http://10.0.0.1${path}`)).toMatch(/not allowed/)
      expect(policy.judgeLiteral(`http://10.0.0.12${path}`)).toBeNull()
      expect(policy.judgeLiteral(`http://10.0.0.2${path}`)).toBeNull()
      expect(policy.judgeLiteral(`https://10.0.0.2${path}`)).toMatch(/not allowed/)
      expect(policy.judgeLiteral(`http://10.0.0.2:8080${path}`)).toBeNull()
    }
  })

  it('refuses an allow list that would mean nothing', () => {
    expect(() => new EgressPolicy({mode: 'internal', allow: ['10.0.0.0/8']})).toThrowError(
      expect.objectContaining({code: 'invalid_option', field: 'egress-allow'}),
    )
  })

  it('refuses a rule that cannot be read', () => {
    expect(() => new EgressPolicy({mode: 'internal', deny: ['10.0.0.0/99']})).toThrowError(
      expect.objectContaining({code: 'invalid_option', field: 'egress-deny'}),
    )
  })
})
