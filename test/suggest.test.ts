import {describe, expect, it} from 'vitest'

import {suggest} from '../src/suggest.js'

const commands = ['add', 'list', 'listen', 'purge', 'redis install', 'retry', 'serve', 'show', 'stats']

describe('suggest', () => {
  it.each([
    ['ad', 'add'],
    ['rety', 'retry'],
    ['retyr', 'retry'],
    ['stat', 'stats'],
    ['lisen', 'listen'],
    ['redis instal', 'redis install'],
    ['foo', undefined],
    ['completely', undefined],
  ])('takes %j for %j', (word, meant) => {
    expect(suggest(word, commands)).toBe(meant)
  })
})
