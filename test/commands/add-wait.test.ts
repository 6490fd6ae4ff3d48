import {describe, expect, it} from 'vitest'

import {bury, claimOptions, complete, keepAll} from '../support/attempts.js'
import type {Settlement} from '../../src/queue/scripts/settle.js'
import type {Claim, Queue} from '../../src/queue/queue.js'
import {openTorque} from '../support/torque.js'

/** Settles the first task that turns up, as a `serve` would. */
async function settleFirst(queue: Queue, settle: (claim: Claim) => Settlement): Promise<void> {
  for (;;) {
    const {claims} = await queue.claim(claimOptions)
    if (claims[0]) return void (await queue.settle([settle(claims[0])], keepAll))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

describe('add --wait', () => {
  it('ends with exit 0 when the task is delivered', async () => {
    const {torque, queue} = await openTorque()

    const [{code, stdout, stderr}] = await Promise.all([
      torque(['add', 'http://a.example/', '--wait', '--json']),
      settleFirst(queue, complete),
    ])

    expect({code, stderr}).toEqual({code: 0, stderr: ''})
    expect(JSON.parse(stdout)).toMatchObject({queue: 'default', state: 'delivered', dueAt: null, duplicate: false, attempt: 1})
  })

  it('ends with exit 5 when it is binned, and says so', async () => {
    const {torque, queue} = await openTorque()

    const [{code, stdout, stderr}] = await Promise.all([torque(['add', 'http://a.example/', '--wait']), settleFirst(queue, bury)])

    expect(code).toBe(5)
    expect(stdout).toMatch(/\tdefault\tdead\t/)
    expect(stderr).toContain(' is dead')
  })

  it('ends with exit 124 when the time is up; the task stays', async () => {
    const {torque, inspector} = await openTorque()

    const {code, stdout} = await torque(['add', 'http://a.example/', '--wait', '--wait-timeout', '50ms', '--json'])

    expect(code).toBe(124)
    expect(JSON.parse(stdout)).toMatchObject({state: 'ready'})
    expect((await inspector.stats()).totals.ready).toBe(1)
  })

  it('ends with exit 3 when the task is purged meanwhile', async () => {
    const {torque, queue, inspector} = await openTorque()
    const purge = async () => {
      while ((await inspector.stats()).totals.ready === 0) await new Promise(setImmediate)
      await queue.purge(['one'], {states: ['ready']})
    }

    const [{code}] = await Promise.all([torque(['add', 'http://a.example/', '--id', 'one', '--wait']), purge()])

    expect(code).toBe(3)
  })

  it('ends at once for a task that was delivered before', async () => {
    const {torque, queue} = await openTorque()
    await torque(['add', 'http://a.example/', '--id', 'one'])
    await settleFirst(queue, complete)

    expect((await torque(['add', 'http://a.example/', '--id', 'one', '--wait'])).code).toBe(0)
  })

  it('ends with exit 130 at Ctrl-C', async () => {
    const {torque, inspector} = await openTorque()

    const {code} = await torque(['add', 'http://a.example/', '--wait'], {
      during: (child) => {
        const added = async () => {
          while ((await inspector.stats()).totals.ready === 0) await new Promise(setImmediate)
          child.kill('SIGINT')
        }
        void added()
      },
    })

    expect(code).toBe(130)
  })
})
