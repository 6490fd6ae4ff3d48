import {describe, expect, it} from 'vitest'

import {loadStyles, wantsColor} from '../../../src/cli/terminal/color.js'

const terminal = {isTTY: true}
const pipe = {}

describe('wantsColor', () => {
  it.each([
    ['a terminal', {}, terminal, false, true],
    ['a pipe', {}, pipe, false, false],
    ['--no-color over FORCE_COLOR', {FORCE_COLOR: '1'}, terminal, true, false],
    ['FORCE_COLOR over NO_COLOR', {FORCE_COLOR: '1', NO_COLOR: '1'}, pipe, false, true],
    ['FORCE_COLOR=0', {FORCE_COLOR: '0'}, terminal, false, false],
    ['NO_COLOR', {NO_COLOR: '1'}, terminal, false, false],
    ['an empty NO_COLOR', {NO_COLOR: ''}, terminal, false, true],
    ['TERM=dumb', {TERM: 'dumb'}, terminal, false, false],
  ])('for %s', (_case, env, stream, noColor, expected) => {
    expect(wantsColor({env, stream, noColor})).toBe(expected)
  })
})

describe('loadStyles', () => {
  it('gives text back as it is where no colour is wanted', async () => {
    const {red, bold} = await loadStyles(false)

    expect(bold(red('text'))).toBe('text')
  })

  it('colours whatever the environment says, since that was asked before', async () => {
    const {red} = await loadStyles(true)

    expect(red('text')).toBe('\u001b[31mtext\u001b[39m')
  })
})
