import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {describe, expect, it, onTestFinished} from 'vitest'

const command = `import {Command} from '@oclif/core/command'
export default class Hello extends Command {
  static override summary = 'Greet.'
  run = async (): Promise<void> => {}
}
`

/** A checkout of a much smaller torque, already built. */
function smallCheckout() {
  const root = mkdtempSync(join(tmpdir(), 'torque-build-'))
  onTestFinished(() => rmSync(root, {recursive: true, force: true}))
  for (const name of ['package.json', 'tsconfig.json', 'scripts']) cpSync(name, join(root, name), {recursive: true})
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  mkdirSync(join(root, 'src', 'commands'), {recursive: true})
  const write = (name: string, text: string) => writeFileSync(join(root, 'src', name), text)
  mkdirSync(join(root, 'src', 'queue', 'scripts'), {recursive: true})
  write('commands/hello.ts', command)
  write('main.ts', "export {default as Hello} from './commands/hello.js'\nexport {Redis} from 'ioredis'\n")
  write('queue/scripts/count.lua', 'return 1')
  const build = () => spawnSync(process.execPath, [join(root, 'scripts/build.js')], {cwd: '/', encoding: 'utf8'})
  const file = (name: string) => readFileSync(join(root, name), 'utf8')
  expect(build()).toMatchObject({status: 0, stderr: ''})
  return {root, write, build, file}
}

describe('npm run build', () => {
  it('compiles, takes along what needs no compiling, bundles, and writes the manifest, from any directory', () => {
    const {root, file} = smallCheckout()

    expect(readdirSync(join(root, 'dist')).sort()).toEqual(['bundle', 'commands', 'main.d.ts', 'main.js', 'queue'])
    expect(readdirSync(join(root, 'dist', 'bundle')).sort()).toEqual(['LICENSES.txt', 'ioredis.cjs', 'scripts', 'torque.cjs'])
    expect(file('dist/bundle/scripts/count.lua')).toBe('return 1')
    expect(file('oclif.manifest.json')).toContain('"summary": "Greet."')
    expect(readdirSync(root).filter((name) => name.startsWith('.build-'))).toEqual([])
  })

  it('replaces what was there, and leaves it alone when nothing is new', () => {
    const {root, write, build, file} = smallCheckout()
    const before = statSync(join(root, 'dist')).ino
    build()
    const same = statSync(join(root, 'dist')).ino

    write('queue/scripts/count.lua', 'return 2')

    expect(build().status).toBe(0)
    expect(same).toBe(before)
    expect(file('dist/bundle/scripts/count.lua')).toBe('return 2')
  })

  it.each([
    ['the compiler finds an error', 'export const x: number = "one"\n', 'build: the compiler found errors'],
    [
      'a command cannot be loaded',
      `${command}\nthrow new Error('not today')\n`,
      'build: the manifest of the commands cannot be made',
    ],
  ])('leaves what was there, and fails, when %s', (_when, text, message) => {
    const {root, write, build, file} = smallCheckout()
    const before = {code: file('dist/commands/hello.js'), manifest: file('oclif.manifest.json')}
    write('commands/hello.ts', text)

    const {status, stderr} = build()

    expect(status).toBe(1)
    expect(stderr).toContain(message)
    expect({code: file('dist/commands/hello.js'), manifest: file('oclif.manifest.json')}).toEqual(before)
    expect(readdirSync(root).filter((name) => name.startsWith('.build-'))).toEqual([])
  })
})
