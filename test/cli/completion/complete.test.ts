import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'

import {type KnownCommand, complete} from '../../../src/cli/completion/complete.js'

const {commands} = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {commands: Record<string, KnownCommand>}
const known = Object.values(commands)
const values = (...words: string[]) => complete(words, known).candidates.map(({value}) => value)
const wanted = (...words: string[]) => complete(words, known).wanted

describe('complete', () => {
  it.each([
    [['re'], ['redis', 'resume', 'retry']],
    [['comple'], ['completion']],
    [['nonsense', ''], []],
    [['schedule', 'p'], ['pause']],
    [['queues', ''], ['set']],
    [
      ['list', '--sta'],
      ['--state', '--status'],
    ],
    [['list', '--limit', '5', '--curs'], ['--cursor']],
    [['list', '--limit', '5', '--limi'], []],
    [
      ['list', '--state', 'dead', '--state', 'de'],
      ['dead', 'delivered'],
    ],
    [
      ['list', '--state=de'],
      ['--state=dead', '--state=delivered'],
    ],
    [
      ['list', '--state', 'dead,re'],
      ['dead,retrying', 'dead,ready'],
    ],
    [['retry', '--error', 'connect_r'], ['connect_refused']],
    [
      ['add', '--method', 'P'],
      ['POST', 'PUT', 'PATCH'],
    ],
    [
      ['serve', '--egress', ''],
      ['internal', 'public', 'allowlist'],
    ],
    [
      ['schedule', 'add', '--catch-up', ''],
      ['one', 'all', 'none'],
    ],
    [['add', '--params', ''], []],
    [['add', '--', '--ur'], []],
    [['completion', 'z'], ['zsh']],
    [['completion', 'zsh', ''], []],
    [
      ['help', 'ex'],
      ['export', 'exit-codes'],
    ],
    [['help', 'schedule', 'ad'], ['add']],
  ])('%j: %j', (words, meant) => {
    expect(values(...words)).toEqual(meant)
  })

  it('lists no flag twice unless it may be repeated', () => {
    expect(values('add', '--quiet', '--')).not.toContain('--quiet')
    expect(values('add', '-q', 'mail', '--')).not.toContain('--queue')
    expect(values('add', '--header', 'a: b', '--')).toContain('--header')
  })

  it('says what Redis is to be asked for', () => {
    expect(wanted('show', 'inv')).toEqual({kind: 'id', word: 'inv', head: ''})
    expect(wanted('show', 'inv-1', '')).toBeUndefined()
    expect(wanted('retry', 'inv-1', '')).toMatchObject({kind: 'id'})
    expect(wanted('list', '-q', 'm')).toMatchObject({kind: 'queue', word: 'm'})
    expect(wanted('list', '--queue=m')).toEqual({kind: 'queue', word: 'm', head: '--queue='})
    expect(wanted('queues', 'set', 'm')).toMatchObject({kind: 'queue'})
    expect(wanted('queues', 'set', '--rate', '5', 'm')).toMatchObject({kind: 'queue'})
    expect(wanted('lanes', 'reset', '')).toMatchObject({kind: 'lane'})
    expect(wanted('schedule', 'pause', 'n')).toMatchObject({kind: 'schedule'})
    expect(wanted('show', '--curl')).toBeUndefined()
  })
})
