import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, rm} from 'node:fs/promises'

import {Redis} from 'ioredis'
import {describe, expect, it, onTestFinished} from 'vitest'

import type {HomePaths} from '../../src/embedded/home.js'
import {listens} from '../../src/embedded/listens.js'
import {environment, openEngine, scratchHome} from './scratch-home.js'
import {murder, startStandIn} from './stand-in.js'

/** What differs between systems: whether a lock can be passed to a child, and whether the kernel ends orphans. */
const systems = {
  'flock and setpriv': ['flock', 'setpriv', 'true'],
  'flock alone': ['flock'],
  'neither flock nor setpriv': ['ps'],
}

function connect({socket}: HomePaths, {again = true} = {}): Redis {
  const redis = new Redis({path: socket, retryStrategy: () => (again ? 20 : null)})
  redis.on('error', () => {})
  onTestFinished(() => redis.disconnect())
  return redis
}

async function gone(redis: Redis): Promise<void> {
  await new Promise<void>((resolve) => redis.once('close', resolve))
}

describe.each(Object.entries(systems))('a home, on a system with %s,', (_, programs) => {
  it('has one serve: the second is refused and told who has it', async () => {
    const paths = await scratchHome()
    const env = await environment(...programs)
    const first = await startStandIn(paths, env)

    const second = await startStandIn(paths, env)

    expect(second.error).toMatchObject({code: 'already_running', message: expect.stringContaining(`pid ${first.process.pid} `)})
    expect(await connect(paths).ping()).toBe('PONG')
  })

  it('goes to exactly one of several that start together', async () => {
    const paths = await scratchHome()
    const env = await environment(...programs)

    const all = await Promise.all(Array.from({length: 3}, () => startStandIn(paths, env)))

    expect(all.filter(({pid}) => pid)).toHaveLength(1)
    expect(all.filter(({error}) => error).map(({error}) => error!.code)).toEqual(Array(2).fill('already_running'))
  })

  it('is free, its data there, once its serve was killed', async () => {
    const paths = await scratchHome()
    const env = await environment(...programs)
    const killed = await startStandIn(paths, env)
    await connect(paths).set('kept', 'yes')
    await murder(killed)

    const engine = await openEngine(paths, {env})
    await engine.start()

    expect(await connect(paths).get('kept')).toBe('yes')
    await engine.stop()
    expect(await listens(paths.socket)).toBe(false)
  })

  it('is free, its data there, once its serve and its engine were killed', async () => {
    const paths = await scratchHome()
    const env = await environment(...programs)
    const killed = await startStandIn(paths, env)
    await connect(paths).set('kept', 'yes')
    process.kill(killed.process.pid!, 'SIGSTOP')
    process.kill(killed.pid!, 'SIGKILL')
    await murder(killed)

    const {adopted} = await (await openEngine(paths, {env})).start()

    expect([adopted, await connect(paths).get('kept')]).toEqual([false, 'yes'])
  })

  it('is free once its serve was told to end', async () => {
    const paths = await scratchHome()
    const env = await environment(...programs)
    const first = await startStandIn(paths, env)
    const ended = once(first.process, 'exit')
    first.process.kill('SIGTERM')

    expect(await ended).toEqual([0, null])
    await expect((await openEngine(paths, {env})).start()).resolves.toMatchObject({adopted: false})
  })

  it('is not given to a second engine while an orphan without a socket writes there', async () => {
    const paths = await scratchHome()
    const env = await environment(...programs)
    const killed = await startStandIn(paths, {
      ...env,
      PATH: (await environment(...programs.filter((name) => name !== 'setpriv'))).PATH,
    })
    const redis = connect(paths, {again: false})
    await redis.set('kept', 'yes')
    await murder(killed)
    await rm(paths.socket)

    const starting = (await openEngine(paths, {env})).start()
    await redis.shutdown().catch(() => {})

    await expect(starting).resolves.toMatchObject({adopted: false})
    expect(await connect(paths).get('kept')).toBe('yes')
  })
})

describe('an engine whose serve was killed', () => {
  it('ends by itself where the kernel can see to that', async () => {
    const paths = await scratchHome()
    const killed = await startStandIn(paths, await environment('flock', 'setpriv', 'true'))
    const redis = connect(paths)
    await redis.ping()
    const closed = gone(redis)

    await murder(killed)

    await closed
  })

  it('is adopted, and comes back when it is killed in turn', async () => {
    const paths = await scratchHome()
    const env = await environment('flock')
    const killed = await startStandIn(paths, env)
    await murder(killed)
    const {pid} = await (await openEngine(paths, {env})).start()
    const redis = connect(paths)
    await redis.set('kept', 'yes')
    const closed = gone(redis)

    process.kill(pid, 'SIGKILL')
    await closed

    expect(pid).toBe(killed.pid)
    expect(await redis.get('kept')).toBe('yes')
    expect(/process_id:(\d+)/.exec(await redis.info('server'))![1]).not.toBe(String(pid))
  })

  it('is adopted with the fsync that is asked for now', async () => {
    const paths = await scratchHome()
    const env = await environment('flock')
    await murder(await startStandIn(paths, env))

    await (await openEngine(paths, {env, fsync: 'always'})).start()

    expect(await connect(paths).config('GET', 'appendfsync')).toEqual(['appendfsync', 'always'])
  })
})

describe('an engine that is still ending', () => {
  it('is waited for', async () => {
    const paths = await scratchHome()
    await mkdir(paths.home)
    const holder = spawn('flock', ['-n', '--no-fork', paths.engineLock, 'sh', '-c', 'echo held; read _'], {stdio: 'pipe'})
    await once(holder.stdout, 'data')
    const engine = await openEngine(paths, {env: await environment('flock')})

    const starting = engine.start()
    holder.stdin.end()

    await expect(starting).resolves.toMatchObject({adopted: false})
  })
})
