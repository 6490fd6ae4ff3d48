import {execFileSync, spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'

const inFile = () => readFileSync('oclif.manifest.json', 'utf8')

/** What git says, or `null` where there is no git, no repository or no such thing in it. */
function git(...args: string[]): string | null {
  const {status, stdout} = spawnSync('git', args, {encoding: 'utf8', maxBuffer: 2 ** 26})
  return status === 0 ? stdout : null
}

describe('oclif.manifest.json', () => {
  it('tells the commands as they are compiled; npm run build makes it anew', () => {
    const made = execFileSync(process.execPath, ['scripts/manifest.js'], {encoding: 'utf8'})

    expect(inFile()).toBe(made)
  })

  it('names the commands that the program knows', () => {
    const entries = [
      ...readFileSync('src/main.ts', 'utf8').matchAll(/^ {2}'?([\w:]+)'?: \(\) => import\('.\/commands\/(.+)\.js'\)/gm),
    ]
    const {commands} = JSON.parse(inFile()) as {commands: object}

    expect(entries.map(([, id]) => id)).toEqual(Object.keys(commands))
    expect(entries.map(([, , path]) => path!.replaceAll('/', ':'))).toEqual(Object.keys(commands))
  })

  it('is committed whenever the sources it comes from are', () => {
    const sources = ['src', 'package.json', 'scripts']
    const changed = git('status', '--porcelain', '--', ...sources)
    // Only then can what the build has just written differ from what others will get.
    const committed = changed === '' ? git('show', 'HEAD:oclif.manifest.json') : null

    expect(committed ?? inFile()).toBe(inFile())
  })
})
