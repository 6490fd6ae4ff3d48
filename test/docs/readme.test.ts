import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, inject, it} from 'vitest'

import {statsColumns} from '../../src/cli/stats/stats-rows.js'
import {taskColumns} from '../../src/cli/tasks/task-rows.js'
import type {TableColumn} from '../../src/cli/terminal/output.js'
import {fences, readPage} from './markdown.js'
import {ReadmeRunner, commandsOf, freePorts, isLeftOut, isRun, missingFor} from './readme-runner.js'

const readme = readPage('README.md')
const blocks = fences(readme).map((fence, index, all) => ({...fence, shown: all[index + 1]}))
const run = blocks.filter(({language}) => isRun(language)).map((block) => ({...block, title: block.text.trim().split('\n')[0]}))

const home = mkdtempSync(join(tmpdir(), 'torque-readme-'))
const usual = ['8081', '8090', '8091', '8092']
const free = await freePorts(usual.length)
const runner = new ReadmeRunner({
  home,
  enginePath: inject('enginePath'),
  ports: new Map(usual.map((port, index) => [port, free[index]!])),
})

afterAll(async () => {
  await runner.stop()
  rmSync(home, {recursive: true, force: true})
})

describe('the README', () => {
  it.for(run)('has a block that works at line $line: $title', async ({language, text, shown}, {skip}) => {
    const missing = missingFor(language, text)
    if (missing.length > 0) skip(`no ${missing.join(', ')}`)

    const {code, stdout, stderr} = await runner.run(language, text)

    expect(code, stderr + stdout).toBe(0)
    // What an HTTP answer shows beside its id and instants is what came.
    if (shown?.text.startsWith('{')) expect(shape(stdout)).toEqual(shape(shown.text))
  })

  it('has its hooks arrive', async () => {
    const client = ['/hooks/do/foo\t200', 'a=1']

    await runner.untilArrived(['foo=somevalue&baz=99', 'a=1', 'foo=somevalue', 'at=noon', '{"pages": [1, 2]}'])

    // Two by the client, one by a relative url; the delayed one may still be on its way.
    const byClient = runner.arrived.filter((line) => client.every((part) => line.includes(part)))
    expect(byClient.length).toBeGreaterThanOrEqual(3)
  })

  it('leaves out of these tests only what installs or runs them all', () => {
    const leftOut = run.flatMap(({language, text}) => (language === 'sh' ? commandsOf(text).filter(isLeftOut) : []))

    expect(leftOut).toEqual([
      'npm ci && npm run demo',
      'npm ci && npm test',
      'npm ci',
      'npm pack',
      'npm install ./torque-taskqueue-0.1.0.tgz',
      'npm ci && npm start',
    ])
  })

  it('has no block but those that are run and those that show what comes of it', () => {
    expect(blocks.map(({language}) => language).filter((language) => !isRun(language) && language !== 'text')).toEqual([])
  })

  it.each([
    ['torque list', taskColumns],
    ['torque stats', statsColumns],
  ])('shows the columns of %s as they are', (_command, columns) => {
    expect(readme).toMatch(headLine(columns))
  })
})

/** A JSON answer with what differs at each run made equal. */
function shape(text: string): unknown {
  return {...(JSON.parse(text) as object), id: 'id', dueAt: 'dueAt'}
}

function headLine(columns: readonly TableColumn[]): RegExp {
  return new RegExp(`^${columns.map(({head}) => head).join(' +')}$`, 'm')
}
