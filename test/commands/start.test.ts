import {mkdirSync, readdirSync} from 'node:fs'
import * as module from 'node:module'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {runProgram, runJs, runTorque, scratchDir} from '../support/torque.js'

describe('what Node has compiled', () => {
  const kept = 'enableCompileCache' in module

  it('is kept in the cache directory of the user, by a Node that can', async () => {
    const caches = scratchDir()
    const home = scratchDir()
    mkdirSync(join(home, '.cache'))

    await runTorque(['--version'], {env: {XDG_CACHE_HOME: caches}})
    await runTorque(['--version'], {env: {HOME: home}})

    expect(readdirSync(caches)).toEqual(kept ? ['torque'] : [])
    expect(readdirSync(join(home, '.cache'))).toEqual(kept ? ['torque'] : [])
  })

  it('is not kept elsewhere where there is no such directory', async () => {
    const scratch = scratchDir()
    const env = {HOME: join(scratch, 'none'), TMPDIR: scratch}

    expect(await runTorque(['--version'], {env})).toMatchObject({code: 0, stderr: ''})
    expect(await runTorque(['--version'], {env: {HOME: undefined, TMPDIR: scratch}})).toMatchObject({code: 0, stderr: ''})

    expect(readdirSync(scratch)).toEqual([])
  })
})

describe('a command that comes to a halt', () => {
  it('has failed, and says so', async () => {
    // A server that does not keep the process: as if it were forgotten to wait for something.
    const preload = `data:text/javascript,${encodeURIComponent(`
      import {Server} from 'node:net'
      const {listen} = Server.prototype
      Server.prototype.listen = function (...args) { return listen.apply(this, args).unref() }`)}`

    const {code, stderr} = await runProgram(process.execPath, ['--import', preload, runJs, 'listen', '--port', '0'])

    expect(code).toBe(1)
    expect(stderr).toContain('Error: the command has come to a halt before its end.')
  })
})
