import {spawnSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core/config'
import {beforeAll, describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {openTorque, runProgram, scratchDir} from '../support/torque.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as Manifest

interface Manifest {
  version: string
  commands: Record<string, CommandEntry>
}

interface CommandEntry {
  id: string
  summary?: string
  examples?: {description: string; command: string}[]
  args: Record<string, {description?: string}>
  flags: Record<string, {description?: string; helpGroup?: string}>
}

const commands = Object.values(built.commands)

/** As git has it, not as the build that came before this test has just written it; undefined outside of a checkout. */
function stagedManifest(): Manifest | undefined {
  const {status, stdout} = spawnSync('git', ['show', ':oclif.manifest.json'], {cwd: root})
  return status === 0 ? (JSON.parse(stdout.toString()) as Manifest) : undefined
}

describe('the manifest', () => {
  it('is what the commands say', async () => {
    const plugin = new Plugin({root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
    await plugin.load()

    const fresh = JSON.parse(JSON.stringify(plugin.manifest)) as Manifest

    expect(built).toEqual(fresh)
    expect(stagedManifest() ?? fresh, 'stale: npm run build, then git add oclif.manifest.json').toEqual(fresh)
  })
})

describe.each(commands.map((command) => [command.id, command] as const))(
  'the help of %s',
  (_id, {summary, examples, args, flags}) => {
    it('has a summary, examples, and a word on every flag and argument', () => {
      expect(summary).toMatch(/^[A-Z].*\.$/)
      expect(examples?.length).toBeGreaterThan(0)
      for (const [name, {description}] of [...Object.entries(flags), ...Object.entries(args)])
        expect([name, description]).toEqual([name, expect.stringMatching(/\S/)])
    })
  },
)

describe('torque help', () => {
  it('tells every exit code that an error may have', async () => {
    const {stdout} = await runProgram(process.execPath, [join(root, 'bin', 'run.js'), 'help', 'exit-codes'])
    const source = readFileSync(join(root, 'src', 'errors.ts'), 'utf8')
    const codes = [...source.matchAll(/exit: (\d+)/g)].map(([, code]) => code)

    expect(codes.length).toBeGreaterThan(20)
    for (const code of codes) expect(stdout).toMatch(new RegExp(`^ +${code}  \\w`, 'm'))
  })

  it('tells every filter that list takes', async () => {
    const {stdout} = await runProgram(process.execPath, [join(root, 'bin', 'run.js'), 'help', 'filters'])
    const flags = Object.entries(built.commands['list']!.flags).filter(([, {helpGroup}]) => helpGroup === 'FILTER')

    expect(flags.length).toBeGreaterThan(10)
    expect([...stdout.matchAll(/^ {2}--([\w-]+)/gm)].map(([, name]) => name).toSorted()).toEqual(
      flags.map(([name]) => name).toSorted(),
    )
  })
})

describe('the examples', () => {
  const mine = ['add', 'list', 'show', 'retry', 'purge', 'stats']
  const examples = commands
    .filter(({id}) => mine.includes(id))
    .flatMap(({id, examples: all}) =>
      (all ?? []).map(({command}) => command.replaceAll('<%= config.bin %>', 'torque').replaceAll('<%= command.id %>', id)),
    )

  // `torque` as the shell will find it.
  let path: string
  beforeAll(() => {
    path = `${join(root, 'bin')}:${process.env['PATH']}`
  })

  it.each(examples)('%s', async (example) => {
    const {env, queue} = await openTorque()
    await bringTo('dead', queue, {id: 'welcome-1'})
    const cwd = scratchDir()
    writeFileSync(join(cwd, 'tasks.ndjson'), '{"url":"http://localhost:8091/hello"}\n')
    // What waits, asks or watches is not for a test; what would call really calls nobody.
    const command = example
      .replace('--wait-timeout 30s', '--wait-timeout 100ms')
      .replace(/^(torque (?:retry|purge) --all)$/, '$1 --yes')
      .replace('--watch', '--watch --ndjson | head -1; true')
      .replace('| sh', '')
      .replace('--id welcome-1', '--id welcome-2')

    const {code, stderr} = await runProgram('bash', ['--norc', '-c', command], {cwd, env: {...env, PATH: path}})

    expect({
      code: /--wait\b/.test(example) ? 124 - code : code,
      stderr: /--wait\b/.test(example) ? '' : stderr.replace(/\d+ tasks? added\n/, ''),
    }).toEqual({
      code: 0,
      stderr: '',
    })
  })
})
