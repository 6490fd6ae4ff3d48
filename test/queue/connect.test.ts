import {once} from 'node:events'
import {type AddressInfo, type Server, createServer} from 'node:net'
import {describe, expect, inject, it, onTestFinished} from 'vitest'

import {connect, displayUrl, parseRedisUrl} from '../../src/queue/connect.js'
import {openOwnRedis} from '../support/own-redis.js'

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
    ['unix:///run/redis.sock', {path: '/run/redis.sock'}],
    ['unix:///run/a%20b/redis.sock?db=2', {path: '/run/a b/redis.sock', db: 2}],
    ['unix://run/redis.sock', {path: 'run/redis.sock'}],
    ['unix://me:secret@/run/redis.sock', {path: '/run/redis.sock', username: 'me', password: 'secret'}],
  ])('reads %s', (url, options) => {
    expect(parseRedisUrl(url)).toEqual(options)
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
  ])('never shows a password: %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(expect.objectContaining({message: expect.not.stringContaining('secret') as string}))
  })
})

describe('displayUrl', () => {
  it.each([
    ['redis://h:1/2', 'redis://h:1/2'],
    ['redis://me:a/b@c@h:1', 'redis://h:1'],
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
