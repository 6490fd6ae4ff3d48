import {fileURLToPath} from 'node:url'
import {describe, expect, inject, it} from 'vitest'

import {runProgram} from '../support/torque.js'

const program = (name: string) => fileURLToPath(new URL(`../../bench/${name}`, import.meta.url))

function bench(name: string, args: string[]) {
  const env = {BENCH_REDIS_SERVER: inject('enginePath')}
  return runProgram(process.execPath, [program(name), ...args], {env})
}

describe('the benchmarks', () => {
  it('measure each side, and lose no call', async () => {
    const {code, stdout, stderr} = await bench('run.js', [
      'drain',
      'adds',
      '--quick',
      '--tasks',
      '200',
      '--rounds',
      '1',
      '--no-save',
    ])

    expect(stderr).not.toContain('Error')
    expect(code).toBe(0)
    expect(stdout).toMatch(/drain a backlog, beside the bare loop, × +\d/)
    expect(stdout).toMatch(/adds a second over HTTP, beside no store, × +\d/)
  }, 60_000)

  it('name what there is to measure when asked for something else', async () => {
    const {code, stderr} = await bench('run.js', ['speed'])

    expect(code).toBe(1)
    expect(stderr).toContain('there is no "speed": drain,')
  })

  it('stand in the docs as they were saved', async () => {
    const {code, stdout} = await bench('write-docs.js', ['--check'])

    expect({code, stdout}).toEqual({code: 0, stdout: ''})
  })
})
