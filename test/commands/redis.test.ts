import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

import {describe, expect, it} from 'vitest'

import {environment, openEngine, scratchDir, scratchHome} from '../embedded/scratch-home.js'

async function torque(args: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['bin/run.js', ...args], {env, stdio: ['ignore', 'pipe', 'pipe']})
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return {code, stdout, stderr}
}

describe('redis status', () => {
  it('is a line a field, or a document, while it runs', async () => {
    const paths = await scratchHome()
    const engine = await openEngine(paths)
    const {pid} = await engine.start()
    const env = {...(await environment()), TORQUE_HOME: paths.home}

    const lines = await torque(['redis', 'status'], env)
    const json = await torque(['redis', 'status', '--json'], env)

    expect(lines).toMatchObject({code: 0, stderr: ''})
    expect(lines.stdout).toContain(`pid\t${pid}\n`)
    expect(lines.stdout).toContain(`ownerPid\t${process.pid}\n`)
    expect(JSON.parse(json.stdout)).toMatchObject({running: true, pid, url: engine.url, owner: {pid: process.pid}})
  })

  it('is exit 69 and what to start when it does not run', async () => {
    const env = {...(await environment()), TORQUE_HOME: (await scratchHome()).home}

    const text = await torque(['redis', 'status'], env)
    const json = await torque(['redis', 'status', '--json'], env)

    expect(text).toEqual({code: 69, stdout: '', stderr: expect.stringContaining('torque serve')})
    expect(json).toMatchObject({code: 69, stdout: ''})
    expect(JSON.parse(json.stderr)).toMatchObject({error: {code: 'engine_not_running'}})
  })

  it('is exit 69 and what to install when nothing could run', async () => {
    const env = {PATH: await scratchDir(), TORQUE_HOME: (await scratchHome()).home}

    const {code, stderr} = await torque(['redis', 'status', '--json'], env)

    expect(code).toBe(69)
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'no_engine', hint: expect.stringContaining('install')}})
  })
})

describe('redis install', () => {
  it('names the server that is there already', async () => {
    const dir = await scratchDir()
    await mkdir(join(dir, 'engine', 'bin'), {recursive: true})
    const path = join(dir, 'engine', 'bin', 'redis-server')
    await writeFile(path, '#!/bin/sh\necho "Redis server v=7.0.15 sha=0"\n', {mode: 0o755})
    const env = {PATH: await scratchDir(), TORQUE_HOME: dir}

    const line = await torque(['redis', 'install'], env)
    const json = await torque(['redis', 'install', '--json'], env)

    expect(line).toEqual({code: 0, stdout: `redis\t7.0.15\tinstalled\t${path}\n`, stderr: ''})
    expect(JSON.parse(json.stdout)).toEqual({path, source: 'installed', product: 'redis', version: '7.0.15', fresh: false})
  })

  it('is exit 69 and the command of the system where torque cannot fetch one', async () => {
    const env = {PATH: await scratchDir(), TORQUE_HOME: (await scratchHome()).home}

    const {code, stderr} = await torque(['redis', 'install', '--json'], env)

    expect(code).toBe(69)
    expect(JSON.parse(stderr)).toMatchObject({error: {code: 'no_engine', hint: expect.stringMatching(/install|add/)}})
  })
})
