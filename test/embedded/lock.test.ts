import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdir} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

import {describe, expect, it, onTestFinished} from 'vitest'

import type {FileLock} from '../../src/embedded/file-lock.js'
import {type Lock, tryLock} from '../../src/embedded/lock.js'
import {SocketLock} from '../../src/embedded/socket-lock.js'
import {environment, scratchDir} from './scratch-home.js'

const source = (name: string) => fileURLToPath(new URL(`../../src/embedded/${name}`, import.meta.url))
const tsx = createRequire(import.meta.url).resolve('tsx')

async function take(path: string, programs: string[]): Promise<Lock | null> {
  const lock = await tryLock(path, await environment(...programs))
  onTestFinished(async () => lock?.release())
  return lock
}

/** A process that takes the lock and then only holds it. */
async function holder(path: string, programs: string[]) {
  const script = `
    import {tryLock} from ${JSON.stringify(source('lock.ts'))}
    const lock = await tryLock(${JSON.stringify(path)}, process.env)
    console.log(lock ? 'held' : 'busy')
    setInterval(() => lock, 60_000)`
  const args = ['--import', tsx, '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, {env: await environment(...programs), stdio: ['ignore', 'pipe', 'inherit']})
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(String((await once(child.stdout, 'data'))[0])).toBe('held\n')
  return child
}

describe.each([
  ['flock', ['flock']],
  ['a socket, where flock is missing,', ['ps']],
])('a lock by %s', (_, programs) => {
  it('has one holder', async () => {
    const path = join(await scratchDir(), 'lock')
    expect(await take(path, programs)).not.toBeNull()

    expect(await take(path, programs)).toBeNull()
  })

  it('can be taken again after it was released', async () => {
    const path = join(await scratchDir(), 'lock')
    const lock = await take(path, programs)
    await lock?.release()
    await lock?.release()

    expect(await take(path, programs)).not.toBeNull()
  })

  it('goes to at most one of many who ask together', async () => {
    const path = join(await scratchDir(), 'lock')

    const taken = await Promise.all(Array.from({length: 20}, () => take(path, programs)))

    expect(taken.filter((lock) => lock)).toHaveLength(1)
  })

  it('ends with the process that holds it, and no sooner', async () => {
    const path = join(await scratchDir(), 'lock')
    const child = await holder(path, programs)
    const whileAlive = await take(path, programs)
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited

    expect([whileAlive, await take(path, programs)]).toEqual([null, expect.anything()])
  })

  it('is held by a process that is stopped', async () => {
    const path = join(await scratchDir(), 'lock')
    const child = await holder(path, programs)
    child.kill('SIGSTOP')

    expect(await take(path, programs)).toBeNull()
  })
})

describe('a lock by flock', () => {
  it('is held by a child that got its descriptor, also when its parent let go', async () => {
    const path = join(await scratchDir(), 'lock')
    const lock = (await take(path, ['flock'])) as FileLock
    const child = spawn('sh', ['-c', 'read _'], {stdio: ['pipe', 'ignore', 'ignore', lock.fd]})
    await lock.release()
    const whileAlive = await take(path, ['flock'])
    child.stdin!.end()
    await once(child, 'exit')

    expect([whileAlive, await take(path, ['flock'])]).toEqual([null, expect.anything()])
  })

  it('is not held by a child that did not get it', async () => {
    const path = join(await scratchDir(), 'lock')
    const lock = await take(path, ['flock'])
    const child = spawn('sh', ['-c', 'echo up; read _'], {stdio: ['pipe', 'pipe', 'ignore']})
    onTestFinished(() => void child.kill())
    await once(child.stdout, 'data')
    await lock?.release()

    expect(await take(path, ['flock'])).not.toBeNull()
  })
})

describe('a lock by a socket', () => {
  it('leaves no more than one socket and one file behind', async () => {
    const dir = await scratchDir()
    for (let round = 0; round < 3; round++) {
      const lock = await SocketLock.tryAcquire(join(dir, 'lock'))
      await lock!.release()
    }

    expect(await readdir(dir)).toEqual(['lock.3'])
  })
})
