import {describe, expect, it} from 'vitest'

import {loadStyles} from '../../../src/cli/terminal/color.js'
import {renderTable} from '../../../src/cli/terminal/table.js'

const plain = {styles: await loadStyles(false)}
const columns = [{head: 'ID'}, {head: 'TARGET', shrink: true}, {head: 'ERRORS', right: true}]

describe('renderTable', () => {
  it('aligns columns, numbers to the right, and leaves no blanks at the end of a line', () => {
    const rows = [
      ['one', 'http://a/', '3'],
      ['three', '', ''],
    ]

    expect(renderTable(columns, rows, {...plain, width: 80})).toBe(
      ['ID     TARGET     ERRORS', 'one    http://a/       3', 'three'].join('\n'),
    )
  })

  it('cuts what may shrink to the width of the terminal, never the id', () => {
    const id = 'x'.repeat(64)

    const lines = renderTable(columns, [[id, 'http://example.com/a/long/path', '1']], {...plain, width: 90}).split('\n')

    expect(lines[1]).toContain(`${id}  http://example.`)
    expect(lines[1]).toContain('…')
    expect(Math.max(...lines.map((line) => line.length))).toBe(90)
  })

  it('does not cut a column to nothing on a narrow terminal', () => {
    const [, line] = renderTable(columns, [['one', 'http://example.com/a/long/path', '1']], {...plain, width: 10}).split('\n')

    expect(line).toContain('http://exam…')
  })

  it('lets go of what says least, and puts the rest in fewer words, before it cuts the target', () => {
    const narrow = [
      {head: 'ID'},
      {head: 'QUEUE', drop: 2},
      {head: 'STATE', drop: 3},
      {head: 'ERRORS', drop: 1},
      {head: 'TARGET', shrink: true, short: (cell: string) => cell.replace('http://', '')},
    ]
    const target = 'http://example.com/a/path'
    const rows = ['ready', 'dead'].map((state, index) => [`${index}`.repeat(20), 'default', state, `${index}/10`, target])
    const headAt = (width: number) =>
      renderTable(narrow, rows, {...plain, width})
        .split('\n')[0]!
        .split(/ +/)
    const rowAt = (width: number) => renderTable(narrow, rows, {...plain, width}).split('\n')[1]

    expect(rowAt(80)).toBe(`${'0'.repeat(20)}  default  ready  0/10    ${target}`)
    expect(rowAt(66)).toBe(`${'0'.repeat(20)}  default  ready  0/10    example.com/a/path`)
    expect(headAt(60)).toEqual(['ID', 'STATE', 'ERRORS', 'TARGET'])
    expect(headAt(50)).toEqual(['ID', 'STATE', 'TARGET'])
    expect(rowAt(40)).toBe(`${'0'.repeat(20)}  example.com/a/path`)
    expect(rowAt(36)).toBe(`${'0'.repeat(20)}  example.com/a…`)
  })

  it('escapes control characters, and colours only by style', async () => {
    const styles = await loadStyles(true)
    const painted = [{head: 'A', paint: (cell: string, {red}: typeof styles) => red(cell)}]

    const table = renderTable(painted, [['\u001b[2J']], {styles, width: 80})

    expect(table).toBe('\u001b[1mA\u001b[22m\n\u001b[31m\\x1b[2J\u001b[39m')
  })
})
