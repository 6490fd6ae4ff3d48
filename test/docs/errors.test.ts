import {describe, expect, it} from 'vitest'

import {type ErrorCode, TorqueError, isErrorCode} from '../../src/errors.js'
import {outcomeCodes} from '../../src/task/task.js'
import {readPage, section, tableRows} from './markdown.js'

const page = readPage('docs/errors.md')
const rowsUnder = (heading: string) => tableRows(section(page, heading))
const codeIn = ([cell = '']: string[]) => cell.replaceAll('`', '')

/** The table itself is not exported: its rows are read where they are written. */
const codes = [...readPage('src/errors.ts').matchAll(/^ {2}(\w+): \{status: /gm)].map(([, code = '']) => code)

describe('docs/errors.md', () => {
  const errors = rowsUnder('## Codes of errors')

  it('has every code of src/errors.ts and no other', () => {
    expect(errors.map(codeIn).toSorted()).toEqual(codes.toSorted())
    expect(codes.filter(isErrorCode)).toEqual(codes)
  })

  it.each(errors)('has the status and the exit code of %s', (cell, status, exit) => {
    const error = new TorqueError(codeIn([cell]) as ErrorCode, '')

    expect([status, exit]).toEqual([String(error.status), String(error.exitCode)])
  })

  it('has every code that an attempt can end with and no other', () => {
    expect(rowsUnder('## Codes of outcomes').map(codeIn).toSorted()).toEqual(outcomeCodes.toSorted())
  })
})
