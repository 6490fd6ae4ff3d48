import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const builds = join(root, 'bench', '.build')

/**
 * Compiles src for those that measure a part of torque alone: `dist` may be bundled. Returns the directory, in the checkout so
 * that packages are found from it, and how to be rid of it.
 */
export function compileSource() {
  mkdirSync(builds, {recursive: true})
  const dir = mkdtempSync(join(builds, 'src-'))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const {status, stdout} = spawnSync(process.execPath, [
    compiler,
    '-p',
    root,
    '--outDir',
    dir,
    '--noCheck',
    '--declaration',
    'false',
  ])
  if (status !== 0) throw new Error(`src does not compile:\n${String(stdout)}`)
  return {dir, remove: () => rmSync(dir, {recursive: true, force: true})}
}
