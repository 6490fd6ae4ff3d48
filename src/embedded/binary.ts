import {join} from 'node:path'

import {TorqueError} from '../errors.js'
import {findProgram, isProgram} from './find-program.js'
import {type Environment, homePaths} from './home.js'
import {installHint} from './package-command.js'
import {runProgram} from './run-program.js'

/** A server program that can be run. */
export interface EngineBinary {
  path: string
  /** From the PATH, or put in place by `torque redis install`. */
  source: 'path' | 'installed'
  product: 'valkey' | 'redis'
  version: string
}

export interface Surroundings {
  home: string
  env: Environment
}

/** Scripts and commands that torque uses came with this version. */
const floor = {major: 6, minor: 2}

/** In the order in which they are preferred. */
const names = ['valkey-server', 'redis-server']

/** The engine to run: the first usable one on the PATH, or else the one put in place in the home. `null` when there is none. */
export async function findBinary(surroundings: Surroundings): Promise<EngineBinary | null> {
  return (await search(surroundings)).binary
}

/** As findBinary, with an error that says what to do where there is none. */
export async function requireBinary(surroundings: Surroundings): Promise<EngineBinary> {
  const {binary, rejected} = await search(surroundings)
  if (binary) return binary
  const unusable = rejected.length > 0 ? `: ${rejected.join('; ')}` : ', neither valkey-server nor redis-server'
  throw new TorqueError('no_engine', `no usable Redis engine on this machine${unusable}`, {
    hint: await installHint(surroundings.env),
  })
}

/** What a program says about itself, or why it cannot be used. */
export async function inspectBinary(path: string, env: Environment): Promise<Omit<EngineBinary, 'source'> | string> {
  const {code, stdout, stderr} = await runProgram(path, ['--version'], {env})
  const match = /^(\w+) server v=((\d+)\.(\d+)\.\d+)/i.exec(stdout)
  if (code !== 0 || !match)
    return `${JSON.stringify(path)} does not run: ${(stderr || stdout).trim().slice(0, 300) || `exit ${code}`}`
  const [major, minor] = [Number(match[3]), Number(match[4])]
  if (major < floor.major || (major === floor.major && minor < floor.minor)) {
    return `${JSON.stringify(path)} is version ${match[2]}, torque needs ${floor.major}.${floor.minor} or later`
  }
  return {path, product: /valkey/i.test(match[1]!) ? 'valkey' : 'redis', version: match[2]!}
}

/** The engine that `torque redis install` put in the home, if it runs. */
export async function installedBinary({home, env}: Surroundings): Promise<EngineBinary | null> {
  return (await inspectAll(await installedCandidates(home), env)).binary
}

async function search({home, env}: Surroundings) {
  const onPath = await Promise.all(names.map((name) => findProgram(name, env)))
  const candidates = onPath.filter((path) => path !== null).map((path) => ({path, source: 'path' as const}))
  return inspectAll([...candidates, ...(await installedCandidates(home))], env)
}

interface Candidate {
  path: string
  source: EngineBinary['source']
}

async function installedCandidates(home: string): Promise<Candidate[]> {
  const paths = names.map((name) => join(homePaths(home).engine, 'bin', name))
  const present = await Promise.all(paths.map(isProgram))
  return paths.filter((_, index) => present[index]).map((path) => ({path, source: 'installed' as const}))
}

async function inspectAll(candidates: Candidate[], env: Environment) {
  const rejected: string[] = []
  for (const {path, source} of candidates) {
    const found = await inspectBinary(path, env)
    if (typeof found !== 'string') return {binary: {...found, source} satisfies EngineBinary, rejected}
    rejected.push(found)
  }
  return {binary: null, rejected}
}
