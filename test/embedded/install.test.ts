import {mkdir, readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

import {describe, expect, it} from 'vitest'

import {packagesFor} from '../../src/embedded/assemble.js'
import {findBinary} from '../../src/embedded/binary.js'
import {installEngine} from '../../src/embedded/install.js'
import {hasAptTools, makeRepository} from './apt-repository.js'
import {scratchDir} from './scratch-home.js'

/** As in the real package: the server is the RDB checker, run under the server's name. */
const server = (product: string, version: string) => `#!/bin/sh
case $0 in *-server) echo "${product} server v=${version} sha=0";; *) echo "usage: check-rdb FILE";; esac
`

const redisTools = (version: string) => ({
  name: 'redis-tools',
  version: `5:${version}-1`,
  files: {'usr/bin/redis-check-rdb': server('Redis', version)},
})

/** Surroundings in which apt knows only these packages, and no server is on the PATH. */
async function surroundings(packages: Parameters<typeof makeRepository>[1]) {
  const dir = await scratchDir()
  const tools = join(dir, 'bin')
  await mkdir(tools)
  // Everything but a server: the PATH is the machine's with the servers hidden by ones that do not run.
  for (const name of ['redis-server', 'valkey-server']) await writeFile(join(tools, name), '#!/bin/sh\nexit 1\n', {mode: 0o755})
  const env = {PATH: `${tools}:${process.env['PATH']}`, APT_CONFIG: await makeRepository(dir, packages)}
  return {home: join(dir, 'home'), env}
}

describe.skipIf(!(await hasAptTools()))('installing an engine', () => {
  it('puts the server of the package in place, under its own name', async () => {
    const {home, env} = await surroundings([redisTools('7.0.15')])
    const lines: string[] = []

    const engine = await installEngine({home, env, log: (line) => lines.push(line)})

    const path = join(home, 'engine', 'bin', 'redis-server')
    expect(engine).toEqual({path, source: 'installed', product: 'redis', version: '7.0.15', fresh: true})
    expect(await findBinary({home, env})).toMatchObject({path})
    expect(lines).toContain('fetching redis-tools 5:7.0.15-1')
  })

  it('leaves nothing but the engine behind', async () => {
    const {home, env} = await surroundings([redisTools('7.0.15')])

    await installEngine({home, env})

    expect(await readdir(home)).toEqual(['engine'])
  })

  it('takes Valkey where the sources have it', async () => {
    const valkey = {name: 'valkey-tools', version: '8.1.1-1', files: {'usr/bin/valkey-check-rdb': server('Valkey', '8.1.1')}}
    const {home, env} = await surroundings([redisTools('7.0.15'), valkey])

    expect(await installEngine({home, env})).toMatchObject({product: 'valkey', version: '8.1.1'})
  })

  it('falls back on Redis where the Valkey of the sources does not run', async () => {
    const valkey = {name: 'valkey-tools', version: '8.1.1-1', files: {'usr/bin/valkey-check-rdb': '#!/bin/sh\nexit 1\n'}}
    const {home, env} = await surroundings([redisTools('7.0.15'), valkey])

    expect(await installEngine({home, env})).toMatchObject({product: 'redis'})
  })

  it('changes nothing the second time', async () => {
    const {home, env} = await surroundings([redisTools('7.0.15')])
    await installEngine({home, env})

    expect(await installEngine({home, env})).toMatchObject({fresh: false, version: '7.0.15'})
  })

  it('can run several times at once', async () => {
    const {home, env} = await surroundings([redisTools('7.0.15')])

    const engines = await Promise.all(Array.from({length: 4}, () => installEngine({home, env})))

    expect(engines.map(({version}) => version)).toEqual(Array(4).fill('7.0.15'))
    expect(await readdir(home)).toEqual(['engine'])
  })

  it('replaces an engine that does not run', async () => {
    const {home, env} = await surroundings([redisTools('7.0.15')])
    await mkdir(join(home, 'engine', 'bin'), {recursive: true})
    await writeFile(join(home, 'engine', 'bin', 'redis-server'), 'half a file', {mode: 0o755})

    expect(await installEngine({home, env})).toMatchObject({fresh: true, version: '7.0.15'})
  })

  it('refuses a server that is too old, and says what else to do', async () => {
    const {home, env} = await surroundings([redisTools('6.0.16')])

    const installing = installEngine({home, env})

    await expect(installing).rejects.toMatchObject({code: 'no_engine', message: expect.stringContaining('6.0.16')})
    expect(await readdir(home)).toEqual([])
  })

  it('says so when the sources have neither', async () => {
    const {home, env} = await surroundings([])

    const installing = installEngine({home, env})

    await expect(installing).rejects.toMatchObject({code: 'no_engine', exitCode: 69, message: expect.stringContaining('neither')})
  })

  it('says so when the sources cannot be reached', async () => {
    const {home, env} = await surroundings([redisTools('7.0.15')])
    await writeFile(join(home, '..', 'sources.list'), 'deb [trusted=yes] http://127.0.0.1:1/nothing ./\n')

    const installing = installEngine({home, env})

    await expect(installing).rejects.toMatchObject({code: 'no_engine', hint: expect.stringContaining('online')})
  })
})

describe('an engine where torque knows no way to fetch one', () => {
  it('is an error with the command of the system', async () => {
    const home = await scratchDir()

    const installing = installEngine({home, env: {PATH: home}})

    await expect(installing).rejects.toMatchObject({code: 'no_engine', exitCode: 69, hint: expect.stringMatching(/install|add/)})
  })
})

describe('the packages of missing libraries', () => {
  const known = ['libc6', 'libatomic1', 'libjemalloc2', 'liblzf1', 'libssl3t64', 'libsystemd0', 'libstdc++6']

  it.each([
    [
      ['libjemalloc.so.2', 'liblzf.so.1'],
      ['libjemalloc2', 'liblzf1'],
    ],
    [['libssl.so.3'], ['libssl3t64']],
    [['libstdc++.so.6'], ['libstdc++6']],
    [[], []],
  ])('%j are %j', (missing, packages) => {
    expect(packagesFor(missing, known)).toEqual(packages)
  })

  it('are all that it could be, but never the C library, where no name fits', () => {
    expect(packagesFor(['libcrypto.so.3'], known)).toEqual(known.slice(1))
  })
})
