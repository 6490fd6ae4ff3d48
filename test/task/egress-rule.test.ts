import {describe, expect, it} from 'vitest'

import {parseAddress} from '../../src/task/address-class.js'
import {parseEgressRule} from '../../src/task/egress-rule.js'

function names(rule: string, address: string, port = 80, host = address): boolean {
  return parseEgressRule(rule, 'egress-allow')(parseAddress(address), port, host)
}

describe('parseEgressRule', () => {
  it.each([
    ['10.1.0.0/16', '10.1.255.255', '10.2.0.0'],
    ['10.1.2.3/16', '10.1.0.0', '10.2.0.0'],
    ['10.1.2.3', '10.1.2.3', '10.1.2.4'],
    ['10.1.2.3/32', '10.1.2.3', '10.1.2.2'],
    ['0.0.0.0/0', '255.255.255.255', '::1'],
    ['::/0', 'ffff::', '127.0.0.1'],
    ['fd12:3456::/32', 'fd12:3456:ffff::1', 'fd12:3457::'],
    ['FD00::0001', 'fd00::1', 'fd00::2'],
    ['[fd00::1]', 'fd00::1', 'fd00::2'],
    ['[fd00::/8]', 'fd12::1', 'fe12::1'],
    ['[fd00::]/8', 'fd12::1', 'fe12::1'],
  ])('reads the network %s', (rule, inside, outside) => {
    expect(names(rule, inside)).toBe(true)
    expect(names(rule, outside)).toBe(false)
  })

  it.each([
    ['10.0.0.1:8080', '10.0.0.1'],
    ['10.0.0.0/8:8080', '10.0.0.1'],
    ['[fd00::1]:8080', 'fd00::1'],
    ['[fd00::/8]:8080', 'fd00::1'],
    ['fd00::/8:8080', 'fd00::1'],
    ['HOOKS.example.com:8080', '10.0.0.1'],
    ['*.example.com:8080', '10.0.0.1'],
  ])('reads the port of %s', (rule, address) => {
    expect(names(rule, address, 8080, 'hooks.example.com')).toBe(true)
    expect(names(rule, address, 8081, 'hooks.example.com')).toBe(false)
  })

  it('takes what may be a port for the end of an IPv6 address where nothing sets it apart', () => {
    expect(names('fd00::1:8080', 'fd00::1:8080', 80)).toBe(true)
  })

  it('knows a host with and without the dot at its end', () => {
    expect(names('hooks.example.com', '10.0.0.1', 80, 'hooks.example.com.')).toBe(true)
    expect(names('hooks.example.com.', '10.0.0.1', 80, 'hooks.example.com')).toBe(true)
    expect(names('hooks.example.com', '10.0.0.1', 80, 'x.hooks.example.com')).toBe(false)
    expect(names('localhost', '127.0.0.1', 80, 'localhost')).toBe(true)
  })

  it('knows an international name as URLs have it', () => {
    expect(names('*.BÜCHER.example', '10.0.0.1', 80, 'a.xn--bcher-kva.example')).toBe(true)
  })

  it.each([
    ['app.svc.internal', true],
    ['app.svc.internal.', true],
    ['svc.internal', false],
    ['.svc.internal', false],
    ['a.b.svc.internal', false],
    ['appsvc.internal', false],
    ['app.svc.internal.evil.example', false],
  ])('takes * for exactly one label: %s is %s', (host, expected) => {
    expect(names('*.svc.internal', '10.0.0.1', 80, host)).toBe(expected)
  })

  const hosts = '* *. *.*.example.com a.*.example.com *example.com http://h/ h/ h?x u@h a..b h: h:0 h:65536 h:x ｌocalhost'.split(
    ' ',
  )
  const addresses = '127.1 0x7f.0.0.1 10.0.0.0/33 fd00::/129 10.0.0.0/ 10.0.0.0/8/8 [10.0.0.1 256.0.0.1 ::g [] [h]'.split(' ')

  it.each(['', ' ', 'a b', ...hosts, ...addresses])('refuses %j', (rule) => {
    expect(() => parseEgressRule(rule, 'egress-deny')).toThrowError(
      expect.objectContaining({code: 'invalid_option', field: 'egress-deny'}),
    )
  })
})
