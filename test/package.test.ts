import {execFileSync} from 'node:child_process'
import {accessSync, constants, existsSync, readFileSync} from 'node:fs'
import {isBuiltin} from 'node:module'
import {dirname, join} from 'node:path'
import {describe, expect, it} from 'vitest'

interface Locked {
  dev?: boolean
  link?: boolean
  resolved?: string
  hasInstallScript?: boolean
  optionalDependencies?: Record<string, string>
}

interface PackageFile {
  exports: Record<string, string | Record<string, string>>
  bin: Record<string, string>
  dependencies: Record<string, string>
  allowScripts: Record<string, boolean>
}

const read = (path: string): string => readFileSync(path, 'utf8')
const pack = JSON.parse(read('package.json')) as PackageFile
const locked = Object.entries((JSON.parse(read('package-lock.json')) as {packages: Record<string, Locked>}).packages)

/** What `npm pack` would put into the tarball, as it is now. */
function packedFiles(): string[] {
  const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [{files}] = JSON.parse(listing) as [{files: {path: string}[]}]
  return files.map(({path}) => path)
}

describe('the package', () => {
  it('has the files that its exports name', () => {
    const paths = Object.values(pack.exports).flatMap((entry) => (typeof entry === 'string' ? [entry] : Object.values(entry)))

    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })

  it('can be imported by its own name', () => {
    const print = "console.log(typeof (await import('torque-taskqueue')).add)"

    expect(execFileSync(process.execPath, ['--input-type=module', '-e', print], {encoding: 'utf8'})).toBe('function\n')
  })

  it.each(Object.entries(pack.bin))('has a program for %s that a shell can run', (_name, path) => {
    accessSync(path, constants.X_OK)

    expect(read(path)).toMatch(/^#!\/usr\/bin\/env node\n/)
  })

  it('ships the compiled code and the Lua scripts, and no sources, tests or tools', () => {
    const files = packedFiles()

    const needed = [
      'bin/compile-cache.js',
      'bin/package.json',
      'bin/run.js',
      ...Object.values(pack.bin),
      'dist/bundle/LICENSES.txt',
      'dist/bundle/ioredis.cjs',
      'dist/bundle/scripts/claim.lua',
      'dist/bundle/torque.cjs',
      'dist/index.d.ts',
      'oclif.manifest.json',
    ]
    expect(needed.filter((path) => !files.includes(path))).toEqual([])
    const others = files.filter((path) => !needed.includes(path) && !/^dist\/[\w/-]+\.(js|d\.ts|lua)$/.test(path))
    expect(others.filter((path) => !/^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path))).toEqual([])
  })

  it('ships all of the client library', () => {
    const files = packedFiles()
    const reached = new Set<string>()
    const visit = (file: string) => {
      if (reached.has(file)) return
      reached.add(file)
      for (const [, path] of read(file).matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
        const target = join(dirname(file), path!)
        visit(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target)
      }
    }

    for (const path of Object.values(pack.exports['.']!)) visit(join(path))

    expect([...reached].filter((path) => !files.includes(path))).toEqual([])
  })
})

describe('the bundle', () => {
  const bundle = ['torque', 'ioredis'].map((name) => read(`dist/bundle/${name}.cjs`)).join('')

  it('names the version and has the licence of every package in it', () => {
    const inside = new Set([...bundle.matchAll(/"[./]*node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name!))
    const licences = read('dist/bundle/LICENSES.txt')

    expect([...inside]).toEqual(expect.arrayContaining(['@oclif/core', 'ioredis', 'denque']))
    const missing = [...inside].filter((name) => {
      const {version} = JSON.parse(read(`node_modules/${name}/package.json`)) as {version: string}
      return !licences.includes(`\n${name} ${version} (`)
    })
    expect(missing).toEqual([])
  })

  it('has no package that is installed beside it', () => {
    expect(Object.keys(pack.dependencies).filter((name) => bundle.includes(`node_modules/${name}/`))).toEqual([])
  })

  it('asks for no package that is not installed with it', () => {
    const asked = [...bundle.matchAll(/\b(?:require|import)\("([^".][^"]*)"\)/g)].map(([, name]) => name!)
    const foreign = new Set(asked.filter((name) => !isBuiltin(name)))

    // oclif would read the configuration of a TypeScript checkout with it.
    expect([...foreign].filter((name) => name !== 'typescript' && !(name in pack.dependencies))).toEqual([])
  })
})

describe('what npm ci installs', () => {
  it('runs no script, so that nothing is downloaded past the registry', () => {
    const withScript = locked.filter(([, {hasInstallScript}]) => hasInstallScript)

    expect(withScript.filter(([, {dev}]) => !dev)).toEqual([])
    expect(withScript.map(([path]) => pack.allowScripts[path.replace('node_modules/', '')])).toEqual(withScript.map(() => false))
  })

  it('comes from the registry of whoever installs', () => {
    expect(locked.filter(([, {resolved, link}]) => resolved ?? link)).toEqual([])
  })

  it('is known for every platform, without which npm ci refuses the lock', () => {
    const known = new Set(locked.map(([path]) => path))
    const optional = locked.flatMap(([, {optionalDependencies = {}}]) => Object.keys(optionalDependencies))

    expect(optional.filter((name) => !known.has(`node_modules/${name}`))).toEqual([])
  })
})

describe('the command for a green test run', () => {
  it('is one, in the README and in CI', () => {
    expect(read('README.md')).toContain('\n```sh\nnpm ci && npm test\n```\n')
    expect(read('.ci/run')).toContain('\n(npm ci && npm test) ')
  })
})
