import {once} from 'node:events'
import {type AddressInfo, type Server, createServer} from 'node:net'
import {describe, expect, inject, it, onTestFinished} from 'vitest'

import {connect} from '../../../src/queue/redis/connect.js'
import {displayUrl, parseRedisUrl} from '../../../src/queue/redis/redis-url.js'
import {openOwnRedis} from '../../support/own-redis.js'

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('parseRedisUrl', () => {
  it.each([
    ['redis://', {host: '127.0.0.1', port: 6379}],
    ['redis://localhost', {host: 'localhost', port: 6379}],
    ['redis://10.0.0.1:7000/3', {host: '10.0.0.1', port: 7000, db: 3}],
    ['redis://h/', {host: 'h', port: 6379}],
    ['redis://h?db=2', {host: 'h', port: 6379, db: 2}],
    ['redis://[::1]:7000', {host: '::1', port: 7000}],
    ['redis://:secret@h', {host: 'h', port: 6379, password: 'secret'}],
    ['redis://me:p%40ss%2F%3A@h', {host: 'h', port: 6379, username: 'me', password: 'p@ss/:'}],
    ['rediss://h:7000', {host: 'h', port: 7000, tls: {servername: 'h'}}],
    ['rediss://10.0.0.1', {host: '10.0.0.1', port: 6379, tls: {}}],
    ['unix:///run/redis.sock', {path: '/run/redis.sock'}],
    ['unix:///run/a%20b/redis.sock?db=2', {path: '/run/a b/redis.sock', db: 2}],
    ['unix://run/redis.sock', {path: 'run/redis.sock'}],
    ['unix://me:secret@/run/redis.sock', {path: '/run/redis.sock', username: 'me', password: 'secret'}],
  ])('reads %s', (url, options) => {
    expect(parseRedisUrl(url)).toEqual({options})
  })

  it.each([
    ['redis+sentinel://h1/main', {sentinels: [{host: 'h1', port: 26379}], name: 'main'}],
    [
      'redis+sentinel://h1:7000,10.0.0.2,[::1]:7002/my.main-1/3',
      {
        sentinels: [
          {host: 'h1', port: 7000},
          {host: '10.0.0.2', port: 26379},
          {host: '::1', port: 7002},
        ],
        name: 'my.main-1',
        db: 3,
      },
    ],
    ['redis+sentinel://h1/main?db=2', {sentinels: [{host: 'h1', port: 26379}], name: 'main', db: 2}],
    [
      'redis+sentinel://me:p%40ss@h1/main?sentinel-user=you&sentinel-password=a%26b+c',
      {
        sentinels: [{host: 'h1', port: 26379}],
        name: 'main',
        username: 'me',
        password: 'p@ss',
        sentinelUsername: 'you',
        sentinelPassword: 'a&b+c',
      },
    ],
    [
      'REDISS+Sentinel://:p@a:ss@h1/main',
      {
        sentinels: [{host: 'h1', port: 26379}],
        name: 'main',
        password: 'p@a:ss',
        tls: {},
        sentinelTLS: {},
        enableTLSForSentinelMode: true,
      },
    ],
  ])('reads %s', (url, options) => {
    expect(parseRedisUrl(url)).toEqual({options})
  })

  it.each([
    ['redis+cluster://h1:7000,h2,[::1]:7002', {}, ['h1:7000', 'h2:6379', '::1:7002']],
    ['redis+cluster://h_1/', {}, ['h_1:6379']],
    ['redis+cluster://h1/0', {}, ['h1:6379']],
    ['redis+cluster://:secret@h1', {password: 'secret'}, ['h1:6379']],
    ['rediss+cluster://me:secret@h1:1', {username: 'me', password: 'secret', tls: {}}, ['h1:1']],
  ])('reads %s', (url, options, nodes) => {
    const target = parseRedisUrl(url)

    expect(target.options).toEqual(options)
    expect(target.nodes?.map(({host, port}) => `${host}:${port}`)).toEqual(nodes)
  })

  it.each([
    '',
    'localhost',
    'localhost:6379',
    '/run/redis.sock',
    'http://h',
    'redis://h:port',
    'redis://h/zero',
    'redis://h/-1',
    'redis://h/1/2',
    'redis://h?db=12345',
    'redis://:%zz@h',
    'redis+sentinel:h1/main',
    'redis+sentinel:///main',
    'redis+sentinel://h1',
    'redis+sentinel://h1/',
    'redis+sentinel://h1/a b',
    'redis+sentinel://h1/main/x',
    'redis+sentinel://h1/main/1/2',
    'redis+sentinel://h1,/main',
    'redis+sentinel://h1:0/main',
    'redis+sentinel://h1:65536/main',
    'redis+sentinel://h1/main?password=x',
    'redis+sentinel://:%zz@h1/main',
    'redis+sentinels://h1/main',
    'redis+cluster://',
    'redis+cluster://h1/1',
    'redis+cluster://h1/main',
    'redis+cluster://h1:x,h2',
    'redis+cluster://[::zz]:1',
    'redis+cluster://h1?db=1',
    'redis+cluster://h1 h2',
    'redis+cluster://h1#h2',
  ])('refuses %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({code: 'invalid_option', field: 'redis'}))
  })

  it.each([
    'redis://:secret@h/zero',
    'redis://me:secret@h:port',
    'redis://me:sec/secret@h',
    'redis://:%zzsecret@h',
    'http://me:secret@h',
    'me:secret@h:6379',
    ':secret@h',
    'REDIS://me:secret@@h/x',
    'redis+cluster://me:secret@h1:x',
    'redis+cluster://me:sec,secret@h1/1',
    'redis+cluster://me:a/secret@h1',
    'redis+cluster:h1?password=secret',
    'redis+sentinel://h1/?sentinel-password=secret',
    'redis+sentinel://h1?sentinel-password=a@secret',
    'redis+sentinel://me:a?secret@h1/',
  ])('never shows a password: %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({message: expect.not.stringContaining('secret') as string}))
  })
})

describe('displayUrl', () => {
  it.each([
    ['redis://h:1/2', 'redis://h:1/2'],
    ['redis://me:a/b@c@h:1', 'redis://h:1'],
    ['redis://h?db=2', 'redis://h?db=2'],
    ['redis+cluster://me:a@h1:1,h2:2', 'redis+cluster://h1:1,h2:2'],
    ['redis+sentinel://me:a@h1:1,h2:2/main/1?sentinel-password=b', 'redis+sentinel://h1:1,h2:2/main/1'],
    ['redis+sentinel://me:a@h1:1/main?sentinel-password=b@c', 'redis+sentinel://…'],
    ['unix:///run/a@b.sock', 'unix:///run/a@b.sock'],
    ['unix://me:secret@/run/a@b.sock', 'unix:///run/a@b.sock'],
  ])('shows %s as %s', (url, shown) => {
    expect(displayUrl(url)).toBe(shown)
  })
})

describe('connect', () => {
  it.each(['command', 'endpoint', 'dispatcher', 'subscriber'] as const)('opens a connection that works: %s', async (profile) => {
    const redis = await connect(inject('redisUrl'), profile)

    expect(await redis.ping()).toBe('PONG')
    await redis.quit()
  })

  it('takes the password and the database from the URL', async () => {
    const own = await openOwnRedis('--requirepass', 's:e/c')
    const redis = await connect(`${own.url.replace('unix://', 'unix://:s%3Ae%2Fc@')}?db=3`, 'command')
    await redis.set('a', '1')
    await redis.select(0)

    expect([await redis.dbsize(), await redis.info('keyspace')]).toEqual([0, expect.stringContaining('db3:keys=1')])
    await redis.quit()
  })

  it.each([
    ['no', '', /NOAUTH|Authentication required/],
    ['a wrong', ':wrong@', /WRONGPASS|invalid/],
  ])('names the reason for %s password, and not the password', async (_which, auth, reason) => {
    const own = await openOwnRedis('--requirepass', 'secret')

    const opening = connect(own.url.replace('unix://', `unix://${auth}`), 'command')

    await expect(opening).rejects.toMatchObject({code: 'redis_unavailable', message: expect.stringMatching(reason) as string})
    await expect(opening).rejects.not.toMatchObject({message: expect.stringContaining(auth || 'secret') as string})
  })

  it('names the reason where nobody listens', async () => {
    const server = createServer()
    const port = await listen(server)
    server.close()

    await expect(connect(`redis://127.0.0.1:${port}`, 'command')).rejects.toMatchObject({
      code: 'redis_unavailable',
      message: `no Redis at redis://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
      exitCode: 69,
    })
    await expect(connect('unix:///nosuch/redis.sock', 'dispatcher')).rejects.toMatchObject({
      message: 'no Redis at unix:///nosuch/redis.sock: connect ENOENT /nosuch/redis.sock',
    })
  })

  it('gives up within 3 s on one that takes connections and never answers', async () => {
    const server = createServer((socket) => socket.on('error', () => {}))
    const port = await listen(server)
    onTestFinished(() => void server.close())
    const start = performance.now()

    await expect(connect(`redis://127.0.0.1:${port}`, 'command')).rejects.toMatchObject({code: 'redis_unavailable'})

    expect(performance.now() - start).toBeLessThan(8_000)
  })

  it('refuses a server that is no Redis', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const port = await listen(server)
    onTestFinished(() => void server.close())

    await expect(connect(`redis://127.0.0.1:${port}`, 'command')).rejects.toMatchObject({code: 'redis_unavailable'})
  })
})

describe('a database that cannot be selected', () => {
  it('is an error, and never another database', async () => {
    const redis = await openOwnRedis('--databases', '2')

    await expect(connect(`${redis.url}?db=2`, 'command')).rejects.toMatchObject({
      code: 'redis_unavailable',
      message: expect.stringContaining('DB index is out of range'),
    })
    const one = await connect(`${redis.url}?db=1`, 'command')
    onTestFinished(() => one.disconnect())
    await one.set('key', 'value')
    expect(await one.info('keyspace')).toContain('db1:keys=1')
  })
})
