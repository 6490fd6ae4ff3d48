import {chmod, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

import {inject, onTestFinished} from 'vitest'

import {Control} from '../../src/embedded/control.js'
import {Engine, type EngineOptions} from '../../src/embedded/engine.js'
import {findProgram} from '../../src/embedded/find-program.js'
import {type HomePaths, homePaths} from '../../src/embedded/home.js'

/** A directory of its own, gone when the test ends. */
export async function scratchDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'torque-'))
  onTestFinished(() => rm(dir, {recursive: true, force: true}))
  return dir
}

/** A home of its own; whatever engine still runs in it when the test ends is ended. */
export async function scratchHome(): Promise<HomePaths> {
  const paths = homePaths(join(await scratchDir(), 'home'))
  onTestFinished(async () => {
    const control = await Control.open(paths.socket, 'test').catch(() => null)
    await control?.shutDown()
    control?.disconnect()
  })
  return paths
}

/** A PATH with the run's engine and these programs on it, and nothing else. */
export async function pathWith(...programs: string[]): Promise<string> {
  const dir = await scratchDir()
  const engine = join(dir, 'redis-server')
  await writeFile(engine, `#!/bin/sh\nexec '${inject('enginePath')}' "$@"\n`)
  await chmod(engine, 0o755)
  for (const name of programs) await symlink((await findProgram(name, process.env)) ?? '/missing', join(dir, name))
  return dir
}

/** An environment in which an engine can be found, also when it was fetched for this run. */
export async function environment(...programs: string[]): Promise<{PATH: string}> {
  return {PATH: await pathWith(...(programs.length > 0 ? programs : ['flock', 'setpriv', 'true', 'ps']))}
}

/** An engine that is stopped when the test ends. */
export async function openEngine(paths: HomePaths, options: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = new Engine({home: paths.home, env: await environment(), ...options})
  onTestFinished(() => engine.stop())
  return engine
}
