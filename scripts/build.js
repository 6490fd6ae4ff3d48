// Compiles src to dist, copies the Lua scripts beside their wrappers, and writes oclif.manifest.json.
import {execFileSync} from 'node:child_process'
import {cpSync, existsSync, rmSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))

rmSync('dist', {recursive: true, force: true})
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], {stdio: 'inherit'})
cpSync('src/queue/scripts', 'dist/queue/scripts', {recursive: true, filter: (path) => !path.endsWith('.ts')})
if (existsSync('scripts/manifest.js')) await import('./manifest.js')
