import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {type AddressClass, classOf, parseAddress} from '../../src/task/address-class.js'

const classes: [AddressClass, string[]][] = [
  [
    'public',
    ['1.1.1.1', '100.63.255.255', '100.128.0.1', '172.15.255.255', '172.32.0.0', '192.0.1.1', '198.17.255.255', '198.20.0.0'],
  ],
  ['public', ['168.63.129.15', '223.255.255.255', '169.253.255.255', '169.255.0.0', '126.255.255.255', '128.0.0.0', '11.0.0.0']],
  ['public', ['2606:4700::1111', '2001:200::1', '2a00:1450::1', '2003::1', '3ffe::1', '2620:4f:7fff::1']],
  ['private', ['10.0.0.1', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.1.1', '100.64.0.1', '100.127.255.255']],
  ['private', ['fd00::1', 'fc00::1', 'fdff:ffff::1', 'fd12:3456::1']],
  ['loopback', ['127.0.0.1', '127.255.255.255', '::1']],
  [
    'link_local',
    [
      '169.254.0.0',
      '169.254.169.254',
      '169.254.170.2',
      '169.254.255.255',
      'fe80::1',
      'febf::1',
      'fe80::1%eth0',
      'fe80::a9fe:a9fe',
    ],
  ],
  [
    'metadata',
    ['168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42'],
  ],
  ['unspecified', ['0.0.0.0', '0.1.2.3', '0.255.255.255', '::']],
  ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff00::', 'ffff::1']],
  [
    'reserved',
    ['192.0.0.1', '192.0.0.192', '192.0.2.1', '192.88.99.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
  ],
  ['reserved', ['240.0.0.1', '255.255.255.255', '192.31.196.1', '192.52.193.1', '192.175.48.1']],
  [
    'reserved',
    [
      '2001:db8::1',
      '3fff::1',
      '5f00::1',
      '100::1',
      'fec0::1',
      '2001:2::1',
      '2001:10::1',
      '2001:20::1',
      '4000::1',
      '1::1',
      'fe00::1',
    ],
  ],
  [
    'ip_embedding',
    ['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '::2', '::ffff:0:7f00:1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1'],
  ],
  ['ip_embedding', ['2002:7f00:1::', '2001::1', '2001:0:7f00:1::', 'fd00::5efe:7f00:1', '2a00::200:5efe:7f00:1']],
]

describe('classOf', () => {
  it.each(classes.flatMap(([kind, addresses]) => addresses.map((address) => [address, kind] as const)))(
    'takes %s for %s',
    (text, kind) => {
      expect(classOf(parseAddress(text)!)).toBe(kind)
    },
  )

  it('gives every IPv4 address embedded in any known way the same class', () => {
    fc.assert(
      fc.property(fc.nat({max: 0xffff}), fc.nat({max: 0xffff}), (high, low) => {
        const hex = `${high.toString(16)}:${low.toString(16)}`
        const embedded = [
          `::ffff:${hex}`,
          `::ffff:0:${hex}`,
          `64:ff9b::${hex}`,
          `64:ff9b:1::${hex}`,
          `2002:${hex}::1`,
          `2001:0:1:2:3:4:${hex}`,
        ]

        expect(embedded.map((text) => classOf(parseAddress(text)!))).toEqual(embedded.map(() => 'ip_embedding'))
      }),
    )
  })
})

describe('parseAddress', () => {
  it.each([
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '127.0.0.1.',
    '127.0.0.01',
    '1.2.3',
    '1.2.3.4 ',
    '1.2.3.4.5',
    '256.0.0.1',
    'localhost',
    '',
    '1::2::3',
    '[::1]',
    '::g',
  ])('takes %j for none', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})
