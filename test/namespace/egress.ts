import {BlockList} from 'node:net'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'

import {type Fate, type Server, type World, openWorld, redis} from '../support/namespace-world.js'
import type {Known} from '../support/name-server.js'

const metadata = '169.254.169.254'
const good = '8.8.4.4'

/** Names of which others decide what they mean, and when. */
let moved = false
const zone: Record<string, (asked: number, type: 'A' | 'AAAA') => Known> = {
  'good.test': () => [good],
  'mixed.test': () => [good, metadata],
  'mixed-kinds.test': () => [good, 'fe80::1'],
  'embedded.test': () => ['::ffff:a9fe:a9fe', good],
  'one-of-many.test': () => [...Array.from({length: 20}, (_, i) => `8.8.8.${i + 1}`), metadata],
  'alias.test': () => ({addresses: [metadata], alias: 'metadata.google.internal'}),
  'private.test': () => ['10.1.2.3'],
  'private6.test': () => ['fd00::1'],
  'here.test': () => ['10.99.0.1'],
  'loopback.test': () => ['127.0.0.1'],
  'redis-alias.test': () => [redis.address],
  'zero.test': () => ['0.0.0.0'],
  // Another answer to each question.
  'rebind.test': (asked) => [asked % 2 === 0 ? good : metadata],
  'rebind-back.test': (asked) => [asked % 2 === 0 ? metadata : good],
  // Harmless when the task is added, and for its first attempt.
  'moves.test': () => [moved ? metadata : good],
  'moves-on-attempt.test': (asked) => [asked === 0 ? good : metadata],
  'moves-under-connection.test': (asked) => [asked === 0 ? good : metadata],
  'silent.test': () => 'silent',
  'slow.test': () => ({addresses: [good], delayMs: 800}),
  'slow-bad.test': () => ({addresses: [metadata], delayMs: 800}),
  // The good answer is there at once, the bad one of the other kind much later.
  'late-bad.test': (_asked, type) => (type === 'A' ? [good] : {addresses: ['fd00:ec2::254'], delayMs: 800}),
}

/** `a1-2-3-4.any.test` and `b2606-4700--1.any.test` are names of just that address. */
function look(name: string, type: 'A' | 'AAAA', asked: number): Known {
  const [, kind, digits = ''] = /^([ab])([0-9a-f-]+)\.any\.test$/.exec(name) ?? []
  if (kind !== undefined) return [digits.replaceAll('-', kind === 'a' ? '.' : ':')]
  return /^silent\d*\./.test(name) ? 'silent' : (zone[name]?.(asked, type) ?? null)
}

let world: World
let internal: Server
let open: Server
let listed: Server

beforeAll(async () => {
  world = await openWorld(look)
  const backoff = ['--min-backoff', '2600ms', '--max-backoff', '2600ms']
  ;[internal, open, listed] = await Promise.all([
    world.serve('internal', '--host', '0.0.0.0', '--workers', '2', ...backoff),
    world.serve('public', '--egress', 'public', ...backoff),
    world.serve(
      'allowlist',
      '--egress',
      'allowlist',
      '--egress-allow',
      '*.test',
      '--egress-allow',
      '*.any.test',
      '--egress-deny',
      '8.8.8.0/24',
      ...backoff,
    ),
  ])
})

afterAll(() => world.close())

const denied = {state: 'dead', attempt: 1, lastError: {code: 'egress_denied', status: null}}
const delivered = {state: 'delivered', attempt: 1, lastError: null}

/** That the fate tells of the host what its producer knew, and no more. */
function expectDenied(fate: Fate, host: string): void {
  expect(fate).toMatchObject({...denied, lastError: {...denied.lastError, message: `calls to ${host} are not allowed`}})
  expect(fate.text).not.toMatch(/169\.254|10\.77|10\.99|127\.0|fe80|metadata/)
}

describe.concurrent('a name', () => {
  it.each(['good.test', 'slow.test', 'late-bad.test'])('that means a good address is called: %s', async (name) => {
    for (const server of [internal, open, listed]) expect(await server.call(`http://${name}/is-good`)).toMatchObject(delivered)
  })

  it.each([
    'mixed.test',
    'mixed-kinds.test',
    'embedded.test',
    'one-of-many.test',
    'alias.test',
    'zero.test',
    'listed.test',
    'slow-bad.test',
  ])('that means a bad address, alone or with good ones, is not: %s', async (name) => {
    for (const server of [internal, open, listed]) expectDenied(await server.call(`http://${name}/is-bad`), name)
  })

  it.each(['private.test', 'private6.test', 'loopback.test', 'localhost', 'here.test'])(
    'is called by the policies that let it be: %s',
    async (name) => {
      expect(await internal.call(`http://${name}:8080/internal`)).toMatchObject(delivered)
      expectDenied(await open.call(`http://${name}:8080/public`), `${name}:8080`)
    },
  )

  it.each(['rebind.test', 'rebind-back.test'])(
    'of which each question gets another answer is dialled where it was judged: %s',
    async (name) => {
      const fates = [
        await internal.call(`http://${name}/`),
        await open.call(`http://${name}/`),
        await listed.call(`http://${name}/`),
      ]

      for (const {lastError} of fates) expect([undefined, 'egress_denied']).toContain(lastError?.code)
      expect(new Set(fates.map(({state}) => state))).toEqual(new Set(['delivered', 'dead']))
    },
  )

  it('that moves between adding and calling is judged when it is called', async () => {
    const [{id = ''} = {}] = await internal.add([{url: 'http://moves.test/late', delay: '1500ms'}])
    moved = true

    expectDenied(await internal.fate(id, ['dead', 'delivered']), 'moves.test')
  })

  it('that moves between two attempts is judged at each', async () => {
    const {id, state} = await open.call('http://moves-on-attempt.test/status/500/close')

    expect(state).toBe('retrying')
    expect(await open.fate(id, ['dead', 'delivered'])).toMatchObject({
      state: 'dead',
      attempt: 2,
      lastError: {code: 'egress_denied'},
    })
  })

  it('that moves under a connection which is open gains nothing by it', async () => {
    const until = performance.now() + 2_500
    const states = new Set<string>()
    while (performance.now() < until) {
      states.add((await open.call('http://moves-under-connection.test/kept')).state)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }

    expect(world.canary.hitsOf('/kept').map(({address}) => address)).toEqual([good])
    expect([...states]).toEqual(['delivered'])
  })

  it('that no server answers for holds up no other', async () => {
    const added = await internal.add(Array.from({length: 50}, (_, i) => ({url: `http://silent${i}.test/`})))

    expect(await internal.call('http://good.test/meanwhile')).toMatchObject(delivered)
    const {state} = JSON.parse((await internal.fate(added[0]!.id!, ['active', 'retrying'])).text) as Fate
    expect(state).toBe('active')
    expect(await internal.fate(added[0]!.id!)).toMatchObject({state: 'retrying', lastError: {code: 'dns'}})
  })
})

describe('torque itself', () => {
  it.each(['127.0.0.1', '10.99.0.1', 'localhost', 'here.test', 'loopback.test'])('is not called at %s', async (host) => {
    const url = `http://${host}:${internal.port}/hooks/add?url=http://good.test/amplified`

    const fates = await internal.callAll([url])

    expect(fates).toEqual(['egress_denied'])
    expect(world.canary.hitsOf('amplified')).toEqual([])
  })

  it.each([redis.name, redis.address, 'redis-alias.test'])('is not called where its Redis is: %s', async (host) => {
    for (const server of [internal, listed])
      expect(await server.callAll([`http://${host}:${redis.port}/`])).toEqual(['egress_denied'])
  })
})

describe('an address', () => {
  /** Of each kind by itself: in one list, an IPv6 network may take in IPv4 addresses. */
  const kinds = (networks: string) => {
    const lists = {ipv4: new BlockList(), ipv6: new BlockList()}
    for (const network of networks.split(' ')) {
      const [base = '', bits] = network.split('/')
      lists[kindOf(base)].addSubnet(base, Number(bits), kindOf(base))
    }
    return lists
  }
  const kindOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4')
  const never = kinds(
    '0.0.0.0/8 169.254.0.0/16 168.63.129.16/32 100.100.100.200/32 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 ' +
      '192.88.99.0/24 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 ::/3 4000::/2 8000::/2 c000::/3 e000::/4 ' +
      'f000::/5 f800::/6 fe00::/7 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 fd00:ec2::/32 fd20:ce::254/128',
  )
  const inside = kinds('10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 fc00::/7')
  const isIn = (lists: ReturnType<typeof kinds>, address: string) => lists[kindOf(address)].check(address, kindOf(address))

  const random = (most: number) => Math.floor(Math.random() * (most + 1))
  const ipv4 = (...start: number[]) => [...start, ...Array.from({length: 4 - start.length}, () => random(255))].join('.')
  const ipv6 = (...start: string[]) =>
    `${start.join(':')}:${Array.from({length: 8 - start.length}, () => (random(0xfffe) + 1).toString(16)).join(':')}`
  const addresses = [
    ...Array.from({length: 80}, () => ipv4(random(223))),
    ...[10, 127, 0, 100, 192, 203].flatMap((first) => Array.from({length: 5}, () => ipv4(first))),
    ...'169.254 172.16 172.32 192.168 192.0.0 192.0.2 198.18'.split(' ').map((start) => ipv4(...start.split('.').map(Number))),
    ...'168.63.129.16 168.63.129.17 100.100.100.200 169.254.169.254'.split(' '),
    ...'2606 2a00 2001 2002 3fff fd00 fc12 64 4000 1 fec0 64:ff9b 2001:db8 fd00:ec2 2001:4860'
      .split(' ')
      .flatMap((start) => [ipv6(...start.split(':')), ipv6(...start.split(':'))]),
  ]

  it.each<[string, () => Server, (address: string) => boolean]>([
    ['internal', () => internal, (address) => !isIn(never, address)],
    ['public', () => open, (address) => !isIn(never, address) && !isIn(inside, address)],
    ['allowlist', () => listed, (address) => !isIn(never, address) && !address.startsWith('8.8.8.')],
  ])('behind a name is called where the policy lets it be: %s', async (policy, server, mayBeCalled) => {
    const nameOf = (address: string) => `${address.includes(':') ? 'b' : 'a'}${address.replaceAll(/[.:]/g, '-')}.any.test`

    const fates = await server().callAll(addresses.map((address) => `http://${nameOf(address)}/${policy}/any`))

    const expected = addresses.map((address) => `${address} ${mayBeCalled(address) ? 'delivered' : 'egress_denied'}`)
    expect(addresses.map((address, at) => `${address} ${fates[at]}`)).toEqual(expected)
    const reached = world.canary.hitsOf(`/${policy}/any`).map(({address}) => address)
    expect(reached.toSorted()).toEqual(addresses.filter(mayBeCalled).toSorted())
  })

  it('that must never be called has been reached by nobody, whether something was asked there or not', () => {
    const reached = world.canary.hits.map(({address}) => address)

    expect(reached.length).toBeGreaterThan(100)
    expect(reached.filter((address) => address !== '::1' && isIn(never, address))).toEqual([])
    expect(world.canary.hitsOf('/public').filter(({address}) => isIn(inside, address) || address === '::1')).toEqual([])
  })

  it('of the environment is no proxy', () => {
    expect(world.canary.hits.filter(({address}) => address === '9.9.9.9')).toEqual([])
  })
})
