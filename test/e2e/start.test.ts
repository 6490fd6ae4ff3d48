import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, inject, it, onTestFinished} from 'vitest'

import {closedPort} from '../client/answering-server.js'

/** `npm start`, by what it runs and ready, in a home of its own. */
async function startedServe() {
  const home = mkdtempSync(join(tmpdir(), 'torque-test-'))
  const url = await closedPort()
  const args = ['scripts/start.js', '-p', new URL(url).port]
  // With the run's engine: not one to fetch for each test.
  const PATH = `${dirname(inject('enginePath'))}:${process.env['PATH']}`
  const child = spawn(process.execPath, args, {env: {...process.env, PATH, TORQUE_HOME: home}, stdio: 'ignore'})
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(home, {recursive: true, force: true, maxRetries: 5})
  })
  await ready(url)
  return child
}

describe('npm start', () => {
  it('is torque serve with the flags given, and ends as it does', async () => {
    const child = await startedServe()

    child.kill('SIGTERM')

    expect(await once(child, 'close')).toEqual([0, null])
  })

  it('takes Ctrl-C and its echo from npm for one wish to end', async () => {
    const child = await startedServe()

    child.kill('SIGINT')
    await sleep(10)
    child.kill('SIGINT')

    expect(await once(child, 'close')).toEqual([0, null])
  })
})

/** There is no event to wait for in another process: its answer is asked for until the test's own time is up. */
async function ready(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok) await sleep(30)
}
