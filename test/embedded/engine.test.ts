import {stat, truncate, writeFile} from 'node:fs/promises'
import {readdirSync} from 'node:fs'
import {join} from 'node:path'

import {Redis} from 'ioredis'
import {describe, expect, it, onTestFinished} from 'vitest'

import {type EngineReport} from '../../src/embedded/engine.js'
import {type HomePaths, homePaths} from '../../src/embedded/home.js'
import {runProgram} from '../../src/embedded/run-program.js'
import {environment, openEngine, scratchDir, scratchHome} from './scratch-home.js'

function connect({socket}: HomePaths): Redis {
  const redis = new Redis({path: socket})
  redis.on('error', () => {})
  onTestFinished(() => redis.disconnect())
  return redis
}

/** A log that resolves `said` when a line has been told. */
function report() {
  const lines: string[] = []
  const waiting: Array<() => void> = []
  const tell = (line: string) => {
    lines.push(line)
    waiting.splice(0).forEach((wake) => wake())
  }
  const said = async (part: string): Promise<string> => {
    for (;;) {
      const line = lines.find((candidate) => candidate.includes(part))
      if (line) return line
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return {log: {info: tell, warn: tell, error: tell} satisfies EngineReport, said}
}

/** Appends to the newest part of the append-only file, as a version of Redis names it. */
function appendOnlyFile({data}: HomePaths): string {
  const files = readdirSync(data, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.aof'))
  return join(data, files.toSorted().at(-1)!)
}

describe('the engine', () => {
  it('listens on its socket only, keeps what it is given and throws nothing away', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)

    const address = await engine.start()

    const redis = connect(paths)
    const settings = ['port', 'appendonly', 'appendfsync', 'maxmemory-policy', 'save']
    const values = await Promise.all(settings.map(async (name) => (await redis.config('GET', name))[1]))
    expect(values).toEqual(['0', 'yes', 'everysec', 'noeviction', ''])
    expect(address).toEqual({url: `unix://${paths.socket}`, pid: expect.any(Number), adopted: false})
  })

  it('is for its owner only', async () => {
    const paths = await scratchHome()
    await (await openEngine(paths)).start()

    const modes = await Promise.all([paths.home, paths.data, paths.socket].map(async (path) => (await stat(path)).mode & 0o777))

    expect(modes).toEqual([0o700, 0o700, 0o700])
  })

  it('writes each command to the disk at once when told to', async () => {
    const paths = await scratchHome()
    await (await openEngine(paths, {fsync: 'always'})).start()

    expect(await connect(paths).config('GET', 'appendfsync')).toEqual(['appendfsync', 'always'])
  })

  it('leaves its data to the next one', async () => {
    const paths = await scratchHome()
    const first = await openEngine(paths)
    await first.start()
    await connect(paths).set('kept', 'yes')
    await first.stop()

    await (await openEngine(paths)).start()

    expect(await connect(paths).get('kept')).toBe('yes')
  })

  it('stops once, however often it is asked', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    const {pid} = await engine.start()

    await Promise.all([engine.stop(), engine.stop()])
    await engine.stop()

    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('stops when it never started', async () => {
    await expect((await openEngine(await scratchHome())).stop()).resolves.toBeUndefined()
  })

  it('stops while it starts, and leaves the home free', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    const starting = engine.start().catch(() => 'stopped')

    await engine.stop()
    await starting

    await expect((await openEngine(paths)).start()).resolves.toMatchObject({adopted: false})
  })

  it('leads a process group of its own, so that a Ctrl-C meant for serve does not end it', async () => {
    const {pid} = await (await openEngine(await scratchHome())).start()

    expect(process.kill(-pid, 0)).toBe(true)
  })

  it('holds the lock of its directory itself', async () => {
    const paths = await scratchHome()
    await (await openEngine(paths)).start()

    const {code} = await runProgram('flock', ['-n', paths.engineLock, 'true'], {env: process.env})

    expect(code).toBe(1)
  })

  it('comes back with its data when it is killed', async () => {
    const paths = await scratchHome()
    const {log, said} = report()
    const {pid} = await (await openEngine(paths, {log})).start()
    const redis = connect(paths)
    await redis.set('kept', 'yes')

    process.kill(pid, 'SIGKILL')

    expect(await said('is back')).not.toContain(`pid ${pid})`)
    expect(await said('ended')).toContain('SIGKILL')
    expect(await redis.get('kept')).toBe('yes')
  })

  it('tells the last words of one that ended by itself', async () => {
    const {log, said} = report()
    const {pid} = await (await openEngine(await scratchHome(), {log})).start()

    process.kill(pid, 'SIGTERM')

    expect(await said('ended')).toMatch(/exit 0: .*ready to exit/)
    await said('is back')
  })

  it('comes back each time it is killed', async () => {
    const paths = await scratchHome()
    const {log, said} = report()
    let {pid} = await (await openEngine(paths, {log})).start()

    for (let round = 0; round < 3; round++) {
      process.kill(pid, 'SIGKILL')
      const info = await connect(paths).info('server')
      pid = Number(/process_id:(\d+)/.exec(info)![1])
      await said(`back (pid ${pid})`)
    }

    expect(await connect(paths).ping()).toBe('PONG')
  })

  it('takes no notice of the socket of one that was killed', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    await engine.start()
    await engine.stop()
    await writeFile(paths.socket, '')

    await expect((await openEngine(paths)).start()).resolves.toMatchObject({adopted: false})
  })

  it('starts on a file that ends in the middle of a command', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    await engine.start()
    await connect(paths).set('kept', 'yes')
    await connect(paths).set('cut', 'off')
    await engine.stop()
    const file = appendOnlyFile(paths)
    await truncate(file, (await stat(file)).size - 5)

    await (await openEngine(paths)).start()

    expect(await connect(paths).mget('kept', 'cut')).toEqual(['yes', null])
  })

  it('says its last words when it cannot start', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    await engine.start()
    await connect(paths).set('a', 'b')
    await engine.stop()
    await writeFile(appendOnlyFile(paths), 'this is no append-only file\r\n'.repeat(5))

    const starting = (await openEngine(paths)).start()

    await expect(starting).rejects.toMatchObject({code: 'redis_unavailable', message: expect.stringContaining('Bad file format')})
    await expect((await openEngine(paths)).start()).rejects.toMatchObject({code: 'redis_unavailable'})
  })

  it('refuses a home that is no directory it can use', async () => {
    const file = join(await scratchDir(), 'file')
    await writeFile(file, '')

    const starting = (await openEngine(homePaths(join(file, 'home')))).start()

    await expect(starting).rejects.toMatchObject({code: 'refused', hint: expect.stringContaining('TORQUE_HOME')})
  })

  it('refuses a home whose path is too long for a socket', async () => {
    const starting = (await openEngine(homePaths(join(await scratchDir(), 'x'.repeat(100))))).start()

    await expect(starting).rejects.toMatchObject({code: 'invalid_option', hint: expect.stringContaining('TORQUE_HOME')})
  })

  it('is an error that says what to do when there is no server program', async () => {
    const paths = await scratchHome()

    const starting = (await openEngine(paths, {env: {PATH: await scratchDir()}})).start()

    await expect(starting).rejects.toMatchObject({code: 'no_engine', exitCode: 69, hint: expect.stringMatching(/install/)})
  })

  it('refuses to hide the data of a newer engine behind an older one', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    await engine.start()
    await engine.stop()
    const env = await environment()
    await writeFile(join(env.PATH, 'redis-server'), '#!/bin/sh\necho "Redis server v=6.2.14 sha=0"\n')

    const starting = (await openEngine(paths, {env})).start()

    await expect(starting).rejects.toMatchObject({code: 'refused', message: expect.stringContaining('6.2.14')})
  })
})
