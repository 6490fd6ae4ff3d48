import {dirname} from 'node:path'
import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {openTorque, runJs, runProgram} from '../support/torque.js'
import {root} from './markdown.js'

/** Runs an example with the `torque` of this checkout, in a namespace of its own. */
async function openExample(name: string) {
  const {env, queue, inspector} = await openTorque()
  const PATH = `${dirname(runJs)}:${process.env['PATH']}`
  const run = (...args: string[]) => runProgram(`${root}examples/${name}`, args, {env: {...env, PATH}})
  return {run, queue, inspector}
}

describe('examples/nightly-report.sh', () => {
  it('adds one task a day, however often it runs', async () => {
    const {run, inspector} = await openExample('nightly-report.sh')

    const first = await run('http://127.0.0.1:9/hooks/report')
    const second = await run('http://127.0.0.1:9/hooks/report')

    const {records} = await inspector.page({limit: 10})
    expect(first).toMatchObject({code: 0, stderr: '', stdout: `${records[0]?.task.id}\n`})
    expect(second).toEqual(first)
    expect(records.map(({task}) => task.id)).toEqual([expect.stringMatching(/^report-\d{4}-\d\d-\d\d$/)])
  })
})

describe('examples/check-dead.sh', () => {
  it('is silent while there are no more dead tasks than allowed', async () => {
    const {run, queue} = await openExample('check-dead.sh')
    await bringTo('dead', queue)

    expect(await run('1')).toEqual({code: 0, stdout: '', stderr: ''})
  })

  it('fails and shows them when there are more', async () => {
    const {run, queue} = await openExample('check-dead.sh')
    const {id} = await bringTo('dead', queue)

    const {code, stdout} = await run()

    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`^1 tasks are dead, 0 are allowed\n${id}\tdefault\tdead\t`))
  })
})
