import {type ChildProcess, spawn} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {once} from 'node:events'
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {describe, expect, inject, it, onTestFinished} from 'vitest'

import {processesWith} from './processes.js'

/** Runs the demo with a directory for temporary files of its own. */
function startDemo(env: NodeJS.ProcessEnv = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'torque-test-'))
  const mark = `MARK=${randomUUID()}`
  const child = spawn(process.execPath, ['scripts/demo.js'], {
    // With the run's engine: not one to fetch for each test.
    env: {
      ...process.env,
      PATH: `${dirname(inject('enginePath'))}:${process.env['PATH']}`,
      ...env,
      TMPDIR: dir,
      MARK: mark.slice(5),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    for (const pid of processesWith(mark)) process.kill(pid, 'SIGKILL')
    rmSync(dir, {recursive: true})
  })
  return {child, output: collect(child), leftovers: () => [...readdirSync(dir), ...processesWith(mark)]}
}

function collect(child: ChildProcess) {
  const output = {stdout: '', stderr: ''}
  child.stdout!.on('data', (text: Buffer) => (output.stdout += text.toString()))
  child.stderr!.on('data', (text: Buffer) => (output.stderr += text.toString()))
  return output
}

describe('npm run demo', () => {
  it('delivers, retries, bins and revives, and ends by itself with nothing left behind', {timeout: 40_000}, async () => {
    const demo = startDemo()

    const [code] = await once(demo.child, 'close')

    expect(demo.output.stderr).not.toContain('failed')
    expect(code).toBe(0)
    const lines = demo.output.stdout.split('\n').map((line) => line.trim().replace(/^[\d.]+ s +/, ''))
    const callsOf = (name: string) =>
      lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.replace(/ {2,}/g, '  '))
    expect(callsOf('welcome')).toEqual(['welcome  call 1  → 200  delivered: name=Ada'])
    expect(callsOf('reminder')).toEqual(['reminder  call 1  → 200  delivered: at=noon'])
    expect(callsOf('report').map((line) => line.slice(0, 21))).toEqual([
      'report  call 1  → 500',
      'report  call 2  → 500',
      'report  call 3  → 200',
    ])
    expect(callsOf('invoice').map((line) => line.slice(-11))).toEqual(
      ['tried again', 'tried again', ' 3: binned', 'total=99'].map((end) => expect.stringContaining(end.trim())),
    )
    expect(demo.output.stdout).toContain('npm start')
    expect(demo.leftovers()).toEqual([])
  })

  it('leaves nothing behind when it is interrupted', {timeout: 40_000}, async () => {
    const demo = startDemo()
    while (!demo.output.stdout.includes('serve   http')) await once(demo.child.stdout, 'data')

    demo.child.kill('SIGINT')

    expect(await once(demo.child, 'close')).toEqual([130, null])
    expect(demo.leftovers()).toEqual([])
  })

  it('says why it failed, with exit code 1', {timeout: 40_000}, async () => {
    const demo = startDemo({PATH: brokenEngine()})

    const [code] = await once(demo.child, 'close')

    expect(code).toBe(1)
    expect(demo.output.stderr).toContain('The demo failed: torque serve ended before it was ready')
    expect(demo.output.stderr).toContain('no room in this test')
    expect(demo.leftovers()).toEqual([])
  })
})

/** A PATH with an engine that says its version and does nothing else. */
function brokenEngine(): string {
  const dir = mkdtempSync(join(tmpdir(), 'torque-test-'))
  onTestFinished(() => rmSync(dir, {recursive: true}))
  const script =
    '#!/bin/sh\n[ "$1" = --version ] && echo "Redis server v=7.0.15 sha=0" && exit 0\necho no room in this test >&2\nexit 1\n'
  for (const name of ['redis-server', 'valkey-server']) writeFileSync(join(dir, name), script, {mode: 0o755})
  return `${dir}:${process.env['PATH']}`
}
