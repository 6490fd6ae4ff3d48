import {describe, expect, it} from 'vitest'

import {bury, claimOne, ended, keepAll, retry} from '../support/attempts.js'
import {aTask} from '../support/tasks.js'
import {openTorque, rowsOf, runProgram} from '../support/torque.js'
import type {Attempt, NewTask} from '../../src/task/task.js'

interface Group {
  queue: string
  origin: string
  status: number | null
  error: string
  count: number
  states: Record<string, number>
  firstSeenAt: string
  lastSeenAt: string
  sampleId: string
  message: string
  retry: string | null
}

type Torque = Awaited<ReturnType<typeof openTorque>>

/** A task whose only attempt failed so. */
async function fail({store}: Torque, state: 'dead' | 'retrying', outcome: Partial<Attempt>, task: Partial<NewTask> = {}) {
  const queue = store.queue(task.queue ?? 'default')
  await queue.add([aTask(task)])
  const claim = await claimOne(queue)
  const attempt = {
    attempt: 1,
    startedAt: 1000,
    durationMs: 5,
    status: null,
    error: 'timeout',
    message: null,
    response: null,
  } as const
  const settled = state === 'dead' ? bury(claim) : retry(claim, 60_000)
  const run = ended(claim, {errors: 1, history: [{...attempt, ...outcome}]})
  await queue.settle([{...settled, verdict: {...settled.verdict, run}}], keepAll)
  return claim.task.id
}

async function fill(here: Torque) {
  const refused = {status: 503, error: 'http_status', message: '503 Service Unavailable'} as const
  const url = 'http://a.example/hooks/x?y=1'
  const ids = {
    first: await fail(here, 'dead', {...refused, startedAt: 1000}, {url, flowKey: 'a'}),
    second: await fail(here, 'retrying', {...refused, startedAt: 9000}, {url: 'http://a.example/', flowKey: 'a'}),
    timeout: await fail(here, 'dead', {}, {url, flowKey: 'a'}),
    other: await fail(here, 'dead', refused, {url: 'http://a.example:8080/', flowKey: 'a'}),
    mail: await fail(here, 'dead', refused, {url, flowKey: 'a', queue: 'mails'}),
  }
  return ids
}

describe('errors', () => {
  it('groups what failed by origin, status and error, and each line retries its group and nothing else', async () => {
    const here = await openTorque()
    const ids = await fill(here)

    const {groups} = await here.json<{groups: Group[]}>(['errors'])

    expect(groups).toHaveLength(4)
    expect(groups[0]).toMatchObject({
      queue: 'default',
      origin: 'http://a.example',
      status: 503,
      error: 'http_status',
      count: 2,
      states: {dead: 1, retrying: 1},
      firstSeenAt: '1970-01-01T00:00:01.005Z',
      lastSeenAt: '1970-01-01T00:00:09.005Z',
      sampleId: ids.second,
      message: '503 Service Unavailable',
      retry: `torque retry --state retrying,dead --url 'http://a.example/*' --status 503 --error http_status`,
    })
    const retried = new Set<string>()
    for (const {retry: line, count} of groups) {
      const {stdout} = await runProgram(
        'sh',
        ['-c', `${line!.replace(/^torque/, `exec ${process.execPath} bin/run.js`)} --yes --json`],
        {
          env: here.env,
          cwd: process.cwd(),
        },
      )
      expect(JSON.parse(stdout)).toMatchObject({matched: count, changed: count})
      retried.add(line!)
    }
    expect(retried.size).toBe(4)
    expect((await here.inspector.stats()).totals).toMatchObject({dead: 0, retrying: 0, ready: 5})
  })

  it('takes filters, which hold for the lines, too, and shows the largest groups', async () => {
    const here = await openTorque()
    await fill(here)

    const {groups} = await here.json<{groups: Group[]}>(['errors', '--state', 'dead', '--param', 'foo=somevalue', '-q', 'mails'])
    const {groups: largest} = await here.json<{groups: Group[]}>([
      'errors',
      '--limit',
      '1',
      '--namespace',
      here.env.TORQUE_NAMESPACE,
    ])

    expect(groups.map(({retry: line}) => line)).toEqual([
      `torque retry --queue mails --url 'http://a.example/*' --status 503 --error http_status --param foo=somevalue`,
    ])
    expect(largest).toHaveLength(1)
    expect(largest[0]!.retry).toContain(`--namespace ${here.env.TORQUE_NAMESPACE} --state`)
  })

  it('prints a group as a line of cells, and nothing where nothing fails', async () => {
    const [here, fresh] = [await openTorque(), await openTorque()]
    await fail(here, 'dead', {})

    const [cells] = rowsOf((await here.torque(['errors'])).stdout)

    expect(cells?.slice(0, 5)).toEqual(['1', 'default', 'http://127.0.0.1:9', '', 'timeout'])
    expect(cells?.[9]).toBe(`torque retry --url 'http://127.0.0.1:9/*' --status none --error timeout`)
    expect(await fresh.torque(['errors'])).toEqual({code: 0, stdout: '', stderr: ''})
    expect(await fresh.json(['errors'])).toEqual({groups: []})
  })
})
