import {chmod, copyFile, cp, mkdir, readdir, rm, writeFile} from 'node:fs/promises'
import {basename, join} from 'node:path'

import type {PrivateApt} from './apt.js'
import {inspectBinary} from './binary.js'
import type {Environment} from './home.js'
import {runProgram} from './run-program.js'

export interface AssembleOptions {
  apt: PrivateApt
  packageName: 'valkey-tools' | 'redis-tools'
  /** A scratch directory; the result is `engine` in it. */
  stage: string
  env: Environment
  log: (line: string) => void
}

/** Libraries of libraries: each round finds what the ones before brought in. More rounds than any package needs. */
const mostRounds = 5

/** Runs the server beside it under the server's own name: by any other it would act as the checker of RDB files. */
const wrapper = (server: string) => `#!/bin/sh
here=$(CDPATH= cd -- "\${0%/*}/.." && pwd) || exit
LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/libexec/${server}" "$@"
`

/** Builds `engine/{bin,lib,libexec}` from a package and the libraries this machine lacks. Resolves to what is wrong with it, or `null`. */
export async function assembleEngine(options: AssembleOptions): Promise<string | null> {
  const {apt, packageName, stage, env} = options
  const server = packageName.replace('-tools', '-server')
  const checker = packageName.replace('-tools', '-check-rdb')
  const engine = join(stage, 'engine')
  const root = join(stage, packageName, 'root')

  await rm(engine, {recursive: true, force: true})
  for (const dir of ['bin', 'lib', 'libexec']) await mkdir(join(engine, dir), {recursive: true})
  await apt.unpack([packageName], root)
  await copyFile(join(root, 'usr', 'bin', checker), join(engine, 'libexec', server))
  await writeFile(join(engine, 'bin', server), wrapper(server))
  await chmod(join(engine, 'bin', server), 0o755)
  await addLibraries(join(engine, 'libexec', server), options)
  const found = await inspectBinary(join(engine, 'bin', server), env)
  return typeof found === 'string' ? found : null
}

async function addLibraries(program: string, {apt, packageName, stage, env, log}: AssembleOptions): Promise<void> {
  const lib = join(stage, 'engine', 'lib')
  const known = await apt.libraries(packageName)
  const fetched = new Set<string>()
  for (let round = 0; round < mostRounds; round++) {
    const missing = await missingLibraries(program, lib, env)
    const wanted = packagesFor(missing, known).filter((name) => !fetched.has(name))
    if (wanted.length === 0) return
    log(`fetching ${wanted.join(', ')}`)
    const root = join(stage, packageName, `libraries-${round}`)
    await apt.unpack(wanted, root)
    await collectLibraries(root, lib)
    wanted.forEach((name) => fetched.add(name))
  }
}

/** File names, such as `libjemalloc.so.2`, that the loader does not find. */
async function missingLibraries(program: string, lib: string, env: Environment): Promise<string[]> {
  const {stdout} = await runProgram('ldd', [program], {env: {...env, LD_LIBRARY_PATH: lib}})
  return [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1]!)
}

/**
 * The packages, of those that the server depends on, that carry these files. Debian names a library's package after the file
 * (libjemalloc.so.2 is in libjemalloc2, libssl.so.3 in libssl3 or libssl3t64); where no name fits (libcrypto.so.3), all are taken.
 */
export function packagesFor(missing: string[], known: string[]): string[] {
  // The C library must be the machine's own: the loader that goes with it is.
  const possible = known.filter((name) => !/^libc6?$/.test(name))
  const wanted = missing.flatMap((file) => {
    const [stem] = basename(file).toLowerCase().replaceAll('_', '-').split('.so')
    const named = possible.filter((name) => name.startsWith(stem!))
    return named.length > 0 ? named : possible
  })
  return [...new Set(wanted)]
}

async function collectLibraries(root: string, lib: string): Promise<void> {
  const entries = await readdir(root, {recursive: true, withFileTypes: true})
  for (const entry of entries) {
    if (entry.isDirectory() || !/\.so(\.|$)/.test(entry.name)) continue
    await cp(join(entry.parentPath, entry.name), join(lib, entry.name), {verbatimSymlinks: true})
  }
}
