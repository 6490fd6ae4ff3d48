import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

import {describe, expect, it} from 'vitest'

import {findBinary, requireBinary} from '../../src/embedded/binary.js'
import {packageCommand} from '../../src/embedded/package-command.js'
import {scratchDir} from './scratch-home.js'

/** A program that says it is this server. */
async function pretend(dir: string, name: string, says: string, mode = 0o755): Promise<string> {
  await mkdir(dir, {recursive: true})
  await writeFile(join(dir, name), `#!/bin/sh\necho "${says}"\n`, {mode})
  return join(dir, name)
}

describe('the engine to run', () => {
  it('is Valkey where there are both', async () => {
    const dir = await scratchDir()
    await pretend(dir, 'redis-server', 'Redis server v=7.0.15 sha=0 bits=64')
    const path = await pretend(dir, 'valkey-server', 'Valkey server v=8.1.1 sha=0 bits=64')

    const binary = await findBinary({home: dir, env: {PATH: dir}})

    expect(binary).toEqual({path, source: 'path', product: 'valkey', version: '8.1.1'})
  })

  it('is the one put in place where the PATH has none', async () => {
    const home = await scratchDir()
    const path = await pretend(join(home, 'engine', 'bin'), 'redis-server', 'Redis server v=7.0.15 sha=0')

    const binary = await findBinary({home, env: {PATH: await scratchDir()}})

    expect(binary).toEqual({path, source: 'installed', product: 'redis', version: '7.0.15'})
  })

  it('is the one put in place where that of the PATH is too old', async () => {
    const home = await scratchDir()
    await pretend(home, 'redis-server', 'Redis server v=6.0.16 sha=0')
    await pretend(join(home, 'engine', 'bin'), 'redis-server', 'Redis server v=6.2.0 sha=0')

    expect(await findBinary({home, env: {PATH: home}})).toMatchObject({source: 'installed', version: '6.2.0'})
  })

  it('is none where the only one is too old, and the error says so', async () => {
    const dir = await scratchDir()
    await pretend(dir, 'redis-server', 'Redis server v=6.0.16 sha=0')

    const requiring = requireBinary({home: dir, env: {PATH: dir}})

    await expect(requiring).rejects.toMatchObject({code: 'no_engine', message: expect.stringContaining('6.0.16')})
  })

  it('is never a file that does not run', async () => {
    const dir = await scratchDir()
    await pretend(dir, 'redis-server', 'Redis server v=7.0.15 sha=0', 0o644)
    await mkdir(join(dir, 'valkey-server'))

    expect(await findBinary({home: dir, env: {PATH: `:relative:${dir}`}})).toBeNull()
  })
})

describe('the command that installs a server', () => {
  it.each([
    ['darwin', '', 'brew install valkey'],
    ['linux', 'ID=alpine\n', 'sudo apk add valkey'],
    ['linux', 'NAME="Fedora Linux"\nID=fedora\n', 'sudo dnf install valkey'],
    ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install valkey'],
    ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'sudo apt-get install redis-server'],
    ['linux', 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'sudo zypper install valkey'],
    ['linux', 'ID=nothing-known\n', expect.stringContaining('6.2 or later')],
    ['sunos', '', expect.stringContaining('6.2 or later')],
  ])('on %s with %j is %s', (platform, osRelease, command) => {
    expect(packageCommand(platform, osRelease)).toEqual(command)
  })
})
