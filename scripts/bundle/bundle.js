// What bin/ runs, in two files: a start that reads 200 small ones takes twice as long. With torque's own code go the packages
// that every command, or every one that talks to Redis, begins with; what npm installs with torque stays outside.
// docs/decisions/0012-a-bundle-of-what-starts.md
import {build} from 'esbuild'
import {cpSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

import {licensesOf} from './licenses.js'

/** Loaded by oclif and never called: with these it looks for what torque tells it of. */
const unused = ['lilconfig', 'minimatch', 'tinyglobby']
const absent = fileURLToPath(new URL('absent.cjs', import.meta.url))

/** Bundles what is compiled in `root`/dist into `root`/dist/bundle. */
export async function bundle(root) {
  const out = join(root, 'dist', 'bundle')
  const {dependencies: installed} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const settings = {
    bundle: true,
    // Not ESM: there, each file costs a start more, and packages that a command does not need would be loaded for it.
    format: 'cjs',
    outExtension: {'.js': '.cjs'},
    platform: 'node',
    target: 'node20.18',
    absWorkingDir: root,
    outdir: out,
    metafile: true,
    logLevel: 'warning',
    // Names stay, for stack traces; so do lines, of which Node prints one with an error that nobody caught.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    legalComments: 'none',
  }
  const torque = build({
    ...settings,
    entryPoints: {torque: join(root, 'dist', 'main.js')},
    alias: {ioredis: './ioredis.cjs', ...Object.fromEntries(unused.map((name) => [name, absent]))},
    // oclif would read a TypeScript project's configuration with it.
    external: ['./ioredis.cjs', 'typescript', ...Object.keys(installed)],
    define: {'import.meta.url': 'moduleUrl'},
    banner: {js: "const moduleUrl=require('node:url').pathToFileURL(__filename).href;"},
  })
  const ioredis = build({...settings, entryPoints: {ioredis: 'ioredis'}, plugins: [quickCommander]})
  writeFileSync(join(out, 'LICENSES.txt'), licensesOf(await Promise.all([torque, ioredis]), root))
  cpSync(join(root, 'dist', 'queue', 'scripts'), join(out, 'scripts'), {
    recursive: true,
    filter: (path) => !/\.(js|ts)$/.test(path),
  })
}

/**
 * ioredis gives a prototype 600 methods, one by one, which V8 takes 12 ms for: after each it lays the object out anew. Once a
 * property has been deleted it leaves that until the object is used, and they take 1 ms.
 */
const quickCommander = {
  name: 'quick-commander',
  setup({onLoad}) {
    onLoad({filter: /ioredis\/built\/utils\/Commander\.js$/}, ({path}) => {
      const source = readFileSync(path, 'utf8')
      const [before, after, ...more] = source.split('\ncommands.forEach(')
      if (after === undefined || more.length > 0) throw new Error(`${path} is not as it was: see if it still needs this`)
      const prototype = 'Commander.prototype'
      const deletion = `\n${prototype}.one = ${prototype}.other = null; delete ${prototype}.one; delete ${prototype}.other;`
      return {contents: `${before}${deletion}\ncommands.forEach(${after}`}
    })
  },
}
