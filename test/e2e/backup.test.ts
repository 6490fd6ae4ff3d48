import {cpSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'

import {socketUrl} from '../../src/embedded/home.js'
import {Store} from '../../src/queue/store.js'
import {environment, scratchHome} from '../embedded/scratch-home.js'
import {patiently} from '../support/patiently.js'
import {startServe} from '../support/serve.js'
import {runTorque} from '../support/torque.js'

/** A serve with a private Redis in a home of its own. */
async function startAt(home: string) {
  const {PATH} = await environment()
  const env = {TORQUE_HOME: home, PATH: `${PATH}:${process.env['PATH']}`}
  const serve = await startServe(env)
  const store = await Store.open({
    redisUrl: socketUrl(join(home, 'redis.sock')),
    namespace: 'torque',
    profile: 'command',
  })
  onTestFinished(() => store.close())
  return {serve, store, env}
}

describe('a copy of data/ made as docs/operations.md says, while serve works', () => {
  it('has in another home every task that was acknowledged before it', {timeout: 60_000}, async () => {
    const [{home}, {home: restored}] = [await scratchHome(), await scratchHome()]
    const {serve, store} = await startAt(home)
    const ids: string[] = []
    const work = {isOver: false}
    const produce = async () => {
      while (!work.isOver) {
        const body = new URLSearchParams({url: 'http://127.0.0.1:9/later', delay: '1h'})
        const answer = await fetch(`${serve.url}/hooks/add`, {method: 'POST', body})
        ids.push(((await answer.json()) as {id: string}).id)
      }
    }
    const produced = produce()
    await expect.poll(() => ids.length, patiently).toBeGreaterThan(50)
    await store.redis.bgrewriteaof()

    await store.redis.config('SET', 'auto-aof-rewrite-percentage', '0')
    await expect.poll(async () => (await store.info()).get('aof_rewrite_in_progress'), patiently).toBe('0')
    const before = [...ids]
    cpSync(join(home, 'data'), join(restored, 'data'), {recursive: true})
    await store.redis.config('SET', 'auto-aof-rewrite-percentage', '100')
    work.isOver = true
    await produced
    await serve.end()

    const {store: copy, env} = await startAt(restored)
    const found = await copy.inspector.find(before)
    const doctor = await runTorque(['doctor', '--json'], {env})

    expect(found.map(({task, state}) => [task.id, state])).toEqual(before.map((id) => [id, 'scheduled']))
    expect(JSON.parse(doctor.stdout)).toMatchObject({healthy: true})
  })
})
