import {describe, expect, it} from 'vitest'

import {loadStyles} from '../../../src/cli/terminal/color.js'
import {taskSheet} from '../../../src/cli/tasks/task-sheet.js'
import {whySheet} from '../../../src/cli/tasks/why-sheet.js'
import {fullTaskView} from '../../../src/queue/effective-policy.js'
import type {Attempt} from '../../../src/task/task.js'
import {aTask} from '../../support/tasks.js'

const failed: Attempt = {
  attempt: 1,
  startedAt: 0,
  durationMs: 12,
  status: 503,
  error: 'http_status',
  message: '503 Service Unavailable',
  response: 'no',
  timing: {dnsMs: null, connectMs: 2, tlsMs: null, firstByteMs: 9},
}

async function sheet(history: Attempt[]) {
  const run = {attempts: history.length, errors: 1, lostLeases: 0, history}
  const task = {...aTask({id: 'one'}), createdAt: 0}
  const record = {task, queue: 'default', state: 'retrying', run, dueAt: 0, leaseEndsAt: null, endedAt: null} as const
  const policy = {maxErrors: 10, timeoutMs: 5000, minBackoffMs: 1, maxBackoffMs: 2, factor: 3, waitsMs: [1000, 2000]}
  const sources = [
    {name: 'timeoutMs', value: 5000, from: 'task'},
    {name: 'waitsMs', value: [1000, 2000], from: 'queue'},
  ] as const
  const view = fullTaskView(record, {policy, sources: [...sources]})
  return taskSheet(view, {now: 0, width: 200, styles: await loadStyles(false)})
}

describe('the sheet of a task', () => {
  it('has what holds for it, who says so, and where the time of each attempt went', async () => {
    const text = await sheet([failed, {...failed, attempt: 2, timing: {...failed.timing!, dnsMs: 30}}])

    expect(text).toMatch(/^timeout +5s \(task\)$/m)
    expect(text).toMatch(/^waits +1s, 2s \(queue\)$/m)
    expect(text).toMatch(/^1 .* connect 2ms, first byte 9ms +no$/m)
    expect(text).toMatch(/^2 .* dns 30ms, connect 2ms, first byte 9ms +no$/m)
  })

  it('says nothing of timing where no attempt made a connection', async () => {
    const {timing: _timing, ...untimed} = failed

    expect(await sheet([untimed])).not.toMatch(/timing/i)
  })
})

describe('the sheet of why', () => {
  it('escapes what tasks and pauses say', async () => {
    const help = {does: 'let the queue go on', command: 'torque resume default'}
    const text = whySheet(
      {
        id: 'one',
        queue: 'default',
        state: 'ready',
        schedule: null,
        dueAt: null,
        leaseEndsAt: null,
        endedAt: null,
        nextAttemptAt: '2030-01-01T00:00:00.000Z',
        reasons: [{code: 'paused', message: 'paused: \u001b[31mx', until: null, help}],
      },
      await loadStyles(false),
    )

    expect(text).not.toContain('\u001b')
    expect(text.split('\n').slice(2)).toEqual([
      '- paused: \\x1b[31mx',
      '  to let the queue go on: torque resume default',
      '',
      'next attempt, at the earliest  2030-01-01T00:00:00.000Z',
      '',
    ])
  })
})
