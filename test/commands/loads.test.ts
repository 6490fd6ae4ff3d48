import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

import {loadedModules} from '../support/loaded-modules.js'
import {openTorque, runJs} from '../support/torque.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Each comes to its end by itself. */
const commandLines: Record<string, readonly string[]> = {
  '--version': ['--version'],
  '--help': ['--help'],
  add: ['add', 'http://a.example/', '--id', 'a'],
  list: ['list'],
  show: ['show', 'a'],
  stats: ['stats'],
  serve: ['serve', '--drain', '--port', '0'],
}

/** With a Redis, and a task in it to show. */
async function surroundings(name: string): Promise<Record<string, string>> {
  const {env, torque} = await openTorque()
  if (name === 'show') await torque(commandLines['add']!)
  return env
}

const packageOf = (file: string) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]
const packagesOf = (files: readonly string[]) => [...new Set(files.flatMap((file) => packageOf(file) ?? []))]

describe('a command reads', () => {
  const program = ['bin/compile-cache.js', 'bin/run.js', 'dist/bundle/torque.cjs']
  const withRedis = [...program, 'dist/bundle/ioredis.cjs'].toSorted()

  it.each([[commandLines['--version']!], [commandLines['--help']!], [['nonsense']], [['add', 'nonsense']]])(
    'one file of torque, and no package, for %j',
    async (args) => {
      expect(await loadedModules([runJs, ...args], {})).toEqual(program)
    },
  )

  it.each(['add', 'list', 'show', 'stats'])('one more, and no package, to talk to Redis for %s', async (name) => {
    expect(await loadedModules([runJs, ...commandLines[name]!], await surroundings(name))).toEqual(withRedis)
  })

  it('the packages of an HTTP server for serve, and none for people off a terminal', async () => {
    const files = await loadedModules([runJs, ...commandLines['serve']!], await surroundings('serve'))

    expect(files.filter((file) => packageOf(file) === undefined)).toEqual(withRedis)
    expect(packagesOf(files)).toEqual(expect.arrayContaining(['fastify', 'pino']))
    expect(packagesOf(files).filter((name) => ['chalk', 'cli-table3'].includes(name))).toEqual([])
  })
})

/**
 * The modules that a command runs through from start to end, counted where they are still files of their own: in `dist`. In the
 * bundle each takes less time, and yet some. There is a little room in each number; raise one, and write the new modules down in
 * loads.json, only for what the command cannot do without.
 */
const atMost: Record<string, number> = {
  '--version': 112,
  '--help': 112,
  add: 274,
  list: 264,
  show: 252,
  stats: 256,
  serve: 620,
}

/** What each ran through when the numbers were set, beyond what all do: torque's own files, and packages with how many of theirs. */
const known = JSON.parse(readFileSync(new URL('loads.json', import.meta.url), 'utf8')) as Record<string, string[]>

function isNew(name: string): (module: string) => boolean {
  const all = new Set([...known['all']!, ...(known[name] ?? [])])
  return (module) => !all.has(module)
}

/** Own files as they are; of a package its name and the number of its files. */
function summaryOf(files: readonly string[]): string[] {
  const ofPackage = (name: string) => files.filter((file) => packageOf(file) === name).length
  const own = files.filter((file) => packageOf(file) === undefined)
  return [...own, ...packagesOf(files).map((name) => `${name}: ${ofPackage(name)}`)].toSorted()
}

/** Runs the program as it is before it is bundled. */
function unbundled(args: readonly string[], env: Record<string, string>): Promise<string[]> {
  const script = `const {main} = await import(${JSON.stringify(`file://${root}dist/main.js`)}); await main(${JSON.stringify(root)})`
  return loadedModules(['--input-type=module', '-e', script, 'torque', ...args], env)
}

describe('a command runs through few modules', () => {
  it.each(Object.entries(atMost))('%s: %i', async (name, most) => {
    const files = await unbundled(commandLines[name]!, await surroundings(name))

    const found = summaryOf(files).filter(isNew(name))
    expect(files.length, `${files.length} modules, and ${most} are allowed; new are ${found.join(', ')}`).toBeLessThanOrEqual(
      most,
    )
  })
})
