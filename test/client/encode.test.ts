import {describe, expect, it} from 'vitest'

import {encodeTask} from '../../src/client/encode.js'
import type {TaskFields} from '../../src/index.js'

const url = 'http://localhost/hooks/do/foo'
const cycle: Record<string, unknown> = {}
cycle['self'] = {cycle}

function deep(levels: number): Record<string, unknown> {
  let value: Record<string, unknown> = {}
  for (let level = 0; level < levels; level++) value = {value}
  return value
}

describe('encodeTask', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a BigInt', {a: 1n}, '"a" is a BigInt'],
    ['a function', {a: () => 1}, '"a" is a function'],
    ['a symbol', {a: Symbol('s')}, '"a" is a symbol'],
    ['NaN', {a: {b: NaN}}, '"b" is NaN'],
    ['Infinity', {a: [Infinity]}, '"0" is Infinity'],
    ['a hole in an array', {a: [undefined]}, '"0" is undefined'],
    ['a Map', {a: new Map()}, '"a" is a Map'],
    ['bytes', {a: Buffer.from('x')}, '"a" is binary data'],
    ['a forgotten await', {a: Promise.resolve(1)}, '"a" is a Promise'],
    ['an invalid Date', {a: new Date(NaN)}, '"a" is an invalid Date'],
    ['a cycle', cycle, 'it contains itself'],
    ['200,000 levels', deep(200_000), 'it is nested too deeply'],
  ])('refuses params with %s', (_, params, reason) => {
    expect(() => encodeTask({url, params})).toThrow(
      expect.objectContaining({code: 'invalid_params', field: 'params', message: expect.stringContaining(reason)}),
    )
  })

  it.each<[string, Partial<TaskFields>]>([
    ['invalid_json', {json: 1n}],
    ['invalid_delay', {delay: NaN}],
    ['invalid_at', {at: new Date(NaN)}],
    ['invalid_timeout', {timeout: Infinity}],
  ])('says %s of another field', (code, fields) => {
    expect(() => encodeTask({url, ...fields})).toThrow(expect.objectContaining({code}))
  })

  it('keeps what JSON can say', () => {
    const {text} = encodeTask({url, id: 'x', json: null, params: {b: [1, null, 'é\n'], d: new Date(0), gone: undefined}})

    expect(JSON.parse(text)).toEqual({url, id: 'x', json: null, params: {b: [1, null, 'é\n'], d: '1970-01-01T00:00:00.000Z'}})
  })

  it('passes params given as text on as they are', () => {
    const params = '{"price": 1.0, "10": 1, "2": 2}'

    expect(JSON.parse(encodeTask({url, params}).text)).toMatchObject({params})
  })

  it.each([undefined, null, 'http://localhost/', [{url}]])('refuses %j in place of a task', (value) => {
    expect(() => encodeTask(value as unknown as TaskFields)).toThrow(expect.objectContaining({code: 'invalid_request'}))
  })
})
