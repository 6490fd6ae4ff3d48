import {describe, expect, it} from 'vitest'

import {bury, claimOptions, complete, keepAll} from '../support/attempts.js'
import type {Settlement} from '../../src/queue/scripts/settle.js'
import type {Claim, Queue} from '../../src/queue/queue.js'
import {openOwnRedis} from '../support/own-redis.js'
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

  it('ends with exit 5 when it is binned, and says so once', async () => {
    const {torque, queue} = await openTorque()

    const [{code, stdout, stderr}] = await Promise.all([
      torque(['add', 'http://a.example/', '--id', 'one', '--wait']),
      settleFirst(queue, bury),
    ])

    expect({code, stderr}).toEqual({code: 5, stderr: 'Error: one is dead\n'})
    expect(stdout).toMatch(/^one\tdefault\tready\t\S+\tfalse\n$/)
  })

  it('has the end and its reason in the one document of --json', async () => {
    const {torque, queue} = await openTorque()

    const [{code, stdout, stderr}] = await Promise.all([
      torque(['add', 'http://a.example/', '--id', 'one', '--wait', '--json']),
      settleFirst(queue, bury),
    ])

    expect({code, stderr}).toEqual({code: 5, stderr: ''})
    expect(JSON.parse(stdout)).toMatchObject({id: 'one', state: 'dead', errors: 1, error: {code: 'task_dead', id: 'one'}})
  })

  it('ends with exit 124 when the time is up; the task stays', async () => {
    const {torque, inspector} = await openTorque()
    const words = ['add', 'http://a.example/', '--wait', '--wait-timeout', '300ms']

    const text = await torque(words)
    const json = await torque([...words, '--json'])

    expect(text).toMatchObject({code: 124, stdout: expect.stringContaining('\tready\t')})
    expect(text.stderr).toMatch(/^Error: \w+ is still ready after 300ms: no attempt has ended yet\n/)
    expect(json).toMatchObject({code: 124, stderr: ''})
    expect(JSON.parse(json.stdout)).toMatchObject({state: 'ready', error: {code: 'timed_out'}})
    expect((await inspector.stats()).totals.ready).toBe(2)
  })

  it('ends with exit 3 when the task is kept no longer, its id printed all the same', async () => {
    const {torque, queue, inspector} = await openTorque()
    const purge = async () => {
      while ((await inspector.stats()).totals.ready === 0) await new Promise(setImmediate)
      await queue.purge(['one'], {states: ['ready']})
    }

    const [{code, stdout, stderr}] = await Promise.all([torque(['add', 'http://a.example/', '--id', 'one', '--wait']), purge()])

    expect({code, id: stdout.split('\t')[0]}).toEqual({code: 3, id: 'one'})
    expect(stderr).toContain('one was added, and cannot be waited for: it is no longer kept')
    expect(stderr).toContain('--keep-delivered 0')
  })

  it.each([[[]], [['--quiet']]])('prints the id also when Redis goes away meanwhile (%j): exit 69', async (words) => {
    const redis = await openOwnRedis()
    const {torque, inspector} = await openTorque({redisUrl: redis.url})
    const kill = async () => {
      while ((await inspector.stats()).totals.ready === 0) await new Promise(setImmediate)
      await redis.kill()
    }

    const [{code, stdout, stderr}] = await Promise.all([
      torque(['add', 'http://a.example/', '--id', 'one', '--wait', ...words]),
      kill(),
    ])

    expect({code, id: stdout.trimEnd().split('\t')[0]}).toEqual({code: 69, id: 'one'})
    expect(stderr).toContain('one was added, and cannot be waited for: ')
  })

  it('ends at once for a task that was delivered before', async () => {
    const {torque, queue} = await openTorque()
    await torque(['add', 'http://a.example/', '--id', 'one'])
    await settleFirst(queue, complete)

    expect((await torque(['add', 'http://a.example/', '--id', 'one', '--wait'])).code).toBe(0)
  })

  it.each([[[]], [['--json']]])('ends with exit 130 at Ctrl-C, the id printed (%j)', async (words) => {
    const {torque, inspector} = await openTorque()

    const {code, stdout} = await torque(['add', 'http://a.example/', '--id', 'one', '--wait', ...words], {
      during: (child) => {
        const added = async () => {
          while ((await inspector.stats()).totals.ready === 0) await new Promise(setImmediate)
          setTimeout(() => child.kill('SIGINT'), 100)
        }
        void added()
      },
    })

    expect(code).toBe(130)
    expect(words.length > 0 ? (JSON.parse(stdout) as object) : {id: stdout.split('\t')[0]}).toMatchObject({id: 'one'})
  })
})
