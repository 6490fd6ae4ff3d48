import {mkdtemp, readdir, rename, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'

import {TorqueError} from '../errors.js'
import {PrivateApt} from './apt.js'
import {assembleEngine} from './assemble.js'
import {type EngineBinary, installedBinary, type Surroundings} from './binary.js'
import {homePaths, makeHome} from './home.js'
import {canInstall, systemPackageCommand} from './package-command.js'

export interface InstallOptions extends Surroundings {
  /** Told what is going on, a line at a time. */
  log?: (line: string) => void
}

export interface InstalledEngine extends EngineBinary {
  /** `false` when it was there already. */
  fresh: boolean
}

/** The packages that carry a server program, in the order in which they are preferred. The server is in the tools: its other name. */
const packages = ['valkey-tools', 'redis-tools'] as const

/** What a killed install leaves behind is removed by a later one, after this many ms. */
const leftoverMs = 3_600_000

/**
 * Puts a Redis engine under the home, without root: the package of Debian or Ubuntu, downloaded and checked by apt, unpacked
 * and tried before it appears under its name. Safe to run twice, and at the same time.
 */
export async function installEngine({home, env, log = () => {}}: InstallOptions): Promise<InstalledEngine> {
  const present = await installedBinary({home, env})
  if (present) return {...present, fresh: false}
  if (!(await canInstall(env))) throw await notHere()

  await makeHome(home)
  await removeLeftovers(home)
  const stage = await mkdtemp(join(home, 'install-'))
  try {
    await fetchEngine(stage, {home, env, log})
    await putInPlace(join(stage, 'engine'), {home, env})
  } finally {
    await rm(stage, {recursive: true, force: true})
  }
  return {...(await installed({home, env})), fresh: true}
}

async function fetchEngine(stage: string, {env, log}: Required<InstallOptions>): Promise<void> {
  const apt = new PrivateApt(stage, env)
  log('fetching the package lists')
  await apt.update()
  const problems: string[] = []
  for (const name of packages) {
    const version = await apt.candidate(name)
    if (!version) continue
    log(`fetching ${name} ${version}`)
    const problem = await assembleEngine({apt, packageName: name, stage, env, log})
    if (!problem) return
    problems.push(problem)
  }
  throw new TorqueError('no_engine', problems.join('; ') || `the package sources have neither ${packages.join(' nor ')}`, {
    hint: `is this machine online? Otherwise: ${await systemPackageCommand()}`,
  })
}

/** One rename, so that nobody ever sees half an engine. Where another install was faster, its engine is as good as ours. */
async function putInPlace(assembled: string, {home, env}: Surroundings): Promise<void> {
  const {engine} = homePaths(home)
  try {
    await rename(assembled, engine)
  } catch (error) {
    if (await installedBinary({home, env})) return
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    // What stands there does not run: aside with it, into the stage, which goes away.
    await rename(engine, join(assembled, '..', 'broken'))
    await rename(assembled, engine)
  }
}

async function installed(surroundings: Surroundings): Promise<EngineBinary> {
  const binary = await installedBinary(surroundings)
  if (!binary) throw new TorqueError('failed', `the engine put in ${JSON.stringify(surroundings.home)} does not run`)
  return binary
}

async function notHere(): Promise<TorqueError> {
  return new TorqueError('no_engine', 'torque can fetch an engine by itself only on Debian, Ubuntu and their children', {
    hint: await systemPackageCommand(),
  })
}

async function removeLeftovers(home: string): Promise<void> {
  const stages = (await readdir(home)).filter((name) => name.startsWith('install-')).map((name) => join(home, name))
  for (const stage of stages) {
    const age = Date.now() - (await stat(stage).catch(() => ({mtimeMs: Date.now()}))).mtimeMs
    if (age > leftoverMs) await rm(stage, {recursive: true, force: true})
  }
}
