import {describe, expect, it} from 'vitest'

import {QueueKeys} from '../../src/queue/keys.js'
import {openOwnRedis} from '../support/own-redis.js'
import {aTask} from '../support/tasks.js'
import {openTorque, rowsOf, runTorque} from '../support/torque.js'

/** A queue on a Redis that keeps what it has, with a task that stands nowhere. */
async function openPatient() {
  const redis = await openOwnRedis('--appendonly', 'yes', '--appendfsync', 'always')
  const opened = await openTorque({redisUrl: redis.url})
  const task = aTask({flowKey: 'a'})
  await opened.queue.add([task])
  await opened.store.redis.zrem(new QueueKeys(opened.env.TORQUE_NAMESPACE, 'default').lane('a'), task.id)
  return {...opened, id: task.id}
}

describe('torque doctor', () => {
  it('finds, mends, and then finds nothing, with exit codes to match', async () => {
    const {torque, id} = await openPatient()

    const found = await torque(['doctor'])
    const mended = await torque(['doctor', '--repair', '--json'])
    const well = await torque(['doctor'])

    expect(found).toMatchObject({code: 1, stderr: ''})
    expect(rowsOf(found.stdout)).toEqual([
      ['error', 'lost_body', 'default', '1', 'open', expect.stringContaining('no state'), expect.stringContaining('--repair')],
    ])
    expect(mended.code).toBe(0)
    expect(JSON.parse(mended.stdout)).toMatchObject({
      healthy: true,
      tasks: 1,
      findings: [{code: 'lost_body', queue: 'default', count: 1, examples: [id], mended: true}],
    })
    expect(well).toEqual({code: 0, stdout: '', stderr: ''})
  })

  it('ends with 69 where there is no Redis, and with 3 for a queue that never was', async () => {
    const {torque} = await openTorque()

    const away = await runTorque(['doctor', '--redis', 'redis://127.0.0.1:1'])
    const unknown = await torque(['doctor', '-q', 'nobody'])

    expect([away.code, unknown.code]).toEqual([69, 3])
  })
})
