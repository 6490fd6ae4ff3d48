import {describe, expect, it, onTestFinished} from 'vitest'

import {socketUrl} from '../../src/embedded/home.js'
import {listens} from '../../src/embedded/listens.js'
import {Store} from '../../src/queue/store.js'
import {environment, scratchHome} from '../embedded/scratch-home.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque, runTorque} from '../support/torque.js'
import {untilGone} from './start-workers.js'

/** A home for a private Redis, and the commands that look there. */
async function openHome() {
  const {home, socket} = await scratchHome()
  const {PATH} = await environment()
  const env = {TORQUE_HOME: home, PATH: `${PATH}:${process.env['PATH']}`}
  const torque = (...args: string[]) => runTorque(args, {env})
  const openStore = async () => {
    const store = await Store.open({redisUrl: socketUrl(socket), namespace: 'torque', profile: 'dispatcher'})
    onTestFinished(() => store.close())
    return store
  }
  return {socket, env, torque, openStore}
}

describe('serve --workers with a private Redis', () => {
  it('has one, which is the supervisor’s, and ends it after its workers', {timeout: 40_000}, async () => {
    const {env, socket, torque} = await openHome()
    const receiver = await openReceiver({delayMs: 500})
    const serve = await startServe(env, ['--workers', '2'])
    const status = JSON.parse((await torque('redis', 'status', '--json')).stdout) as {owner: {pid: number}}
    await torque('add', receiver.url())
    await receiver.received(1)

    const code = await serve.end()

    expect([code, status.owner.pid]).toEqual([0, serve.child.pid])
    expect(await listens(socket)).toBe(false)
    expect(serve.log.filter(({msg, level}) => Number(level) >= 40 || msg.startsWith('Redis is'))).toEqual([])
  })

  it('leaves it and its home, when the supervisor is killed, to the next one', {timeout: 40_000}, async () => {
    const {env, torque, openStore} = await openHome()
    const receiver = await openReceiver({delayMs: 2_000})
    const killed = await startServe(env, ['--workers', '2'])
    await torque('add', receiver.url(), '--id', 'running')
    await torque('add', receiver.url(), '--id', 'later', '--delay', '3s')
    await receiver.received(1)

    process.kill(killed.child.pid!, 'SIGKILL')
    await killed.untilLogged('the supervisor is gone')
    await startServe(env, ['--workers', '2', '-p', new URL(killed.url).port])
    const store = await openStore()

    await expect.poll(async () => (await store.inspector.stats()).totals, patiently).toMatchObject({delivered: 2, active: 0})
    // Whoever had it running has written down what came of it, and is gone.
    expect(receiver.calls).toHaveLength(2)
    await untilGone([...new Set(killed.log.flatMap(({pid}) => (typeof pid === 'number' ? [pid] : [])))])
  })
})

describe('a worker that crashes while Redis is away', () => {
  it('is tried again, after growing waits, until Redis is back', {timeout: 40_000}, async () => {
    const redis = await openOwnRedis('--appendonly', 'yes')
    const {env, store} = await openTorque({redisUrl: redis.url})
    const serve = await startServe(env, ['--workers', '2'])
    const [victim] = await store.processes.live()

    await redis.kill()
    process.kill(victim!.pid, 'SIGKILL')
    await expect.poll(() => serve.log.filter(({msg}) => msg === 'a worker could not start').length, patiently).toBeGreaterThan(1)
    await redis.start()
    await serve.untilLogged('a worker is ready')

    const waits = serve.log.filter(({msg}) => msg.startsWith('a worker ended')).map(({waitMs}) => waitMs)
    expect(waits.slice(0, 3)).toEqual([100, 200, 400])
    expect(serve.logged('a worker could not start')).toMatchObject({level: 50, err: {code: 'redis_unavailable'}})
    expect(serve.hasEnded).toBe(false)
  })
})
