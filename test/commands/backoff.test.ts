import {describe, expect, it} from 'vitest'

import type {RetrySchedule} from '../../src/task/retry-schedule.js'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {runTorque, scratchDir} from '../support/torque.js'

const json = async (args: string[]) => JSON.parse((await runTorque(['backoff', '--json', ...args])).stdout) as RetrySchedule

describe('torque backoff', () => {
  it('prints the waits of the contract, and between what jitter may put them', async () => {
    const {retries, maxErrors} = await json([])

    expect(maxErrors).toBe(10)
    expect(retries.map(({wait}) => wait.ms / 1000)).toEqual([2, 8, 32, 128, 512, 2048, 8192, 21_600, 21_600])
    expect(retries[0]?.wait).toEqual({ms: 2000, leastMs: 1600, mostMs: 2400})
    expect(retries[1]?.after).toEqual({ms: 10_000, leastMs: 8000, mostMs: 12_000})
  })

  it('goes by its flags, and by the variable that serve has', async () => {
    const flags = ['--min-backoff', '100ms', '--max-backoff', '250ms', '--backoff-factor', '2']
    const {stdout} = await runTorque(['backoff', ...flags], {env: {MAX_TASK_ERRORS: '4'}})

    expect(stdout).toBe('1\t100\t80\t120\t100\t80\t120\n2\t200\t160\t240\t300\t240\t360\n3\t250\t200\t300\t550\t440\t660\n')
    expect((await json(['--max-task-errors', '1'])).retries).toEqual([])
  })

  it('prints the waits of a list', async () => {
    const {retries} = await json(['--waits', '5s,1m', '--max-task-errors', '4'])

    expect(retries.map(({wait}) => wait.ms)).toEqual([5000, 60_000, 60_000])
  })

  it('goes by config files, as serve does', async () => {
    const cwd = scratchDir()
    writeFileSync(join(cwd, 'torque.config.json'), '{"maxTaskErrors":2,"minBackoff":"7s"}')

    expect((await runTorque(['backoff'], {cwd})).stdout).toBe('1\t7000\t5600\t8400\t7000\t5600\t8400\n')
    expect((await runTorque(['backoff', '--min-backoff', '1s'], {cwd})).stdout).toMatch(/^1\t1000/)
  })

  it.each([
    [['--waits', '1s,2s', '--min-backoff', '2s']],
    [['--waits', '5s,soon']],
    [['--min-backoff', '2h', '--max-backoff', '1h']],
    [['--min-backoff', 'soon']],
    [['--backoff-factor', '0.5']],
    [['--max-task-errors', '0']],
    [['--max-task-errors', '1001']],
  ])('refuses %j', async (args) => {
    expect(await runTorque(['backoff', ...args])).toMatchObject({code: 2, stdout: ''})
  })
})
