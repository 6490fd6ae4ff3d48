// Compiles src to dist, with the Lua scripts beside their wrappers, bundles what bin/ runs, and writes oclif.manifest.json.
// All is made in a directory beside and put in place when it is complete: others may be running from dist, and a build that
// fails leaves it as it was.
import {spawnSync} from 'node:child_process'
import {cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

import {bundle} from './bundle/bundle.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (...names) => join(root, ...names)

/** What a killed build leaves behind is removed by a later one, after this many ms. */
const leftoverMs = 600_000

removeLeftovers()
const stage = mkdtempSync(at('.build-'))
try {
  await build()
} catch (error) {
  process.stderr.write(`build: ${error.message}\n`)
  process.exitCode = 1
} finally {
  rmSync(stage, {recursive: true, force: true})
}

async function build() {
  const fresh = join(stage, 'dist')
  node([compiler(), '-p', root, '--outDir', fresh], 'the compiler found errors')
  cpSync(at('src'), fresh, {recursive: true, filter: (path) => !path.endsWith('.ts')})
  cpSync(at('package.json'), join(stage, 'package.json'))
  await bundle(stage)
  const manifest = node([at('scripts', 'manifest.js'), stage], 'the manifest of the commands cannot be made')
  // What is there already stays: no moment without it, and nothing new for those who watch it.
  if (!sameTree(fresh, at('dist'))) swap(fresh, at('dist'))
  if (!sameFile(manifest, at('oclif.manifest.json'))) write(manifest, 'oclif.manifest.json')
}

function compiler() {
  const path = at('node_modules', 'typescript', 'bin', 'tsc')
  if (!existsSync(path)) throw new Error('there is no TypeScript compiler here: run `npm ci` first')
  return path
}

/** Runs a script and returns what it prints, or throws `problem` under it. */
function node(args, problem) {
  const options = {cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26}
  const {status, signal, stdout, error} = spawnSync(process.execPath, args, options)
  if (status === 0) return stdout
  process.stderr.write(stdout ?? '')
  throw new Error(`${problem} (${error?.message ?? signal ?? `exit ${status}`})`)
}

/** Two renames. Another build may come between them: then it is tried again. */
function swap(fresh, dist) {
  for (let tries = 1; ; tries++) {
    try {
      renameSync(dist, join(stage, `old-${tries}`))
    } catch (error) {
      if (error.code !== 'ENOENT') throw error
    }
    try {
      return renameSync(fresh, dist)
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(error.code) || tries === 10) throw error
    }
  }
}

function write(text, name) {
  writeFileSync(join(stage, name), text)
  renameSync(join(stage, name), at(name))
}

function sameTree(one, other) {
  const names = filesIn(one)
  if (!existsSync(other) || names.join('\n') !== filesIn(other).join('\n')) return false
  return names.every((name) => sameFile(readFileSync(join(one, name)), join(other, name)))
}

function sameFile(content, path) {
  return existsSync(path) && readFileSync(path).equals(Buffer.from(content))
}

function filesIn(dir) {
  const names = readdirSync(dir, {recursive: true, encoding: 'utf8'})
  return names.filter((name) => !statSync(join(dir, name)).isDirectory()).sort()
}

function removeLeftovers() {
  for (const name of readdirSync(root).filter((entry) => entry.startsWith('.build-'))) {
    const {mtimeMs} = statSync(at(name), {throwIfNoEntry: false}) ?? {mtimeMs: Date.now()}
    if (Date.now() - mtimeMs > leftoverMs) rmSync(at(name), {recursive: true, force: true})
  }
}
