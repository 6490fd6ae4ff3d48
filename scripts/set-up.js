// What must be in place before a `serve` can start from a checkout: the compiled code and a Redis engine.
import {execFile} from 'node:child_process'
import {existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Compiles, unless `npm ci` has done so already. */
export async function build({say}) {
  if (existsSync(at('dist/bundle/torque.cjs'))) return
  say('compiling (once)')
  try {
    await promisify(execFile)(process.execPath, [at('scripts/build.js')])
  } catch (error) {
    throw new Error(`the build failed:\n${error.stdout}${error.stderr}`, {cause: error})
  }
}

/**
 * The engine on the PATH or in the user's torque directory; fetched into that directory when there is none. `spareHome` is
 * used by a user without a home. `env` has the engine on its PATH, whatever TORQUE_HOME is set to.
 */
export async function engine({say, spareHome}) {
  const {findBinary} = await import('../dist/embedded/binary.js')
  const {installEngine} = await import('../dist/embedded/install.js')
  const home = await engineHome(spareHome)
  const surroundings = {home, env: process.env}
  const binary = (await findBinary(surroundings)) ?? (await installEngine({...surroundings, log: say}))
  const PATH = [dirname(binary.path), process.env.PATH].filter(Boolean).join(':')
  return {...binary, env: {...process.env, PATH}}
}

async function engineHome(spareHome) {
  const {resolveHome} = await import('../dist/embedded/home.js')
  try {
    return resolveHome(process.env)
  } catch (error) {
    if (spareHome === undefined) throw error
    return spareHome
  }
}
