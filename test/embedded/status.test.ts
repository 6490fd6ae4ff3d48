import {describe, expect, it} from 'vitest'

import {findEngine} from '../../src/embedded/find-engine.js'
import {homePaths} from '../../src/embedded/home.js'
import {engineStatus} from '../../src/embedded/status.js'
import {environment, openEngine, scratchDir, scratchHome} from './scratch-home.js'
import {murder, startStandIn} from './stand-in.js'

describe('findEngine', () => {
  it('finds the engine of a serve', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    await engine.start()

    expect(await findEngine(paths)).toBe(engine.url)
  })

  it('says what to start when there is none', async () => {
    const finding = findEngine(await scratchHome())

    await expect(finding).rejects.toMatchObject({
      code: 'engine_not_running',
      exitCode: 69,
      hint: expect.stringContaining('torque serve'),
    })
  })

  it('does not take the socket of a killed engine for one', async () => {
    const paths = await scratchHome()
    const env = await environment('flock')
    const killed = await startStandIn(paths, env)
    await murder(killed)
    process.kill(killed.pid!, 'SIGKILL')

    // The kernel closes the socket a moment after the signal.
    await expect.poll(() => findEngine(paths).catch((error: {code: string}) => error.code)).toBe('engine_not_running')
  })

  it('refuses a home whose path is too long for a socket', async () => {
    await expect(findEngine(homePaths(`/tmp/${'x'.repeat(100)}`))).rejects.toMatchObject({code: 'invalid_option'})
  })
})

describe('the status', () => {
  it('tells what runs and whose it is', async () => {
    const paths = await scratchHome()
    const env = await environment()
    const {process: serve, pid} = await startStandIn(paths, env)

    const status = await engineStatus({home: paths.home, env})

    expect(status).toMatchObject({
      running: true,
      pid,
      socket: paths.socket,
      fsync: 'everysec',
      engine: {source: 'path'},
      owner: {pid: serve.pid},
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
    expect(Math.min(status.memoryBytes, status.dataBytes)).toBeGreaterThan(0)
  })

  it('tells of an engine whose serve is gone that nobody owns it', async () => {
    const paths = await scratchHome()
    const env = await environment('flock')
    await murder(await startStandIn(paths, env))

    await expect.poll(async () => (await engineStatus({home: paths.home, env})).owner).toBeNull()
  })

  it('names the owner also after the engine was killed and came back', async () => {
    const paths = await scratchHome()
    const env = await environment()
    const {pid} = await (await openEngine(paths, {env})).start()
    process.kill(pid, 'SIGKILL')

    const owner = async () => (await engineStatus({home: paths.home, env}).catch(() => null))?.owner?.pid
    await expect.poll(owner, {timeout: 5000}).toBe(process.pid)
  })

  it('is an error that says what to start when nothing runs', async () => {
    const asking = engineStatus({home: (await scratchHome()).home, env: await environment()})

    await expect(asking).rejects.toMatchObject({code: 'engine_not_running', hint: expect.stringContaining('torque serve')})
  })

  it('is an error that says what to install when nothing could run', async () => {
    const asking = engineStatus({home: (await scratchHome()).home, env: {PATH: await scratchDir()}})

    await expect(asking).rejects.toMatchObject({code: 'no_engine', exitCode: 69, hint: expect.stringContaining('install')})
  })
})
