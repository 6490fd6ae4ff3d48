import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {RawJson, stringifyJson} from '../../src/task/raw-json.js'

describe('stringifyJson', () => {
  it('puts raw text in as it is, wherever it stands', () => {
    const value = {params: new RawJson('{"b":1.0,"a":1e20,"10":12345678901234567890}'), list: [new RawJson('[ ]'), 1]}

    expect(stringifyJson(value)).toBe('{"params":{"b":1.0,"a":1e20,"10":12345678901234567890},"list":[[ ],1]}')
  })

  it('is raw text alone', () => {
    expect(stringifyJson(new RawJson('1.0'))).toBe('1.0')
  })

  it('indents all but raw text', () => {
    expect(stringifyJson({a: new RawJson('{"b":1}'), c: 1}, 2)).toBe('{\n  "a": {"b":1},\n  "c": 1\n}')
  })

  it('is JSON.stringify for all else', () => {
    fc.assert(
      fc.property(fc.jsonValue({maxDepth: 5}), fc.constantFrom(undefined, 2), (value, space) => {
        expect(stringifyJson(value, space)).toBe(JSON.stringify(value, undefined, space))
      }),
    )
  })

  it.each(['$&', "$'", '$1', '$$', '"', '\\', '</script>', '\u2028', '"0":1', '{"mark0":"x"}'])(
    'is not confused by %s',
    (hostile) => {
      const raw = JSON.stringify({[hostile]: hostile})
      const value = {before: hostile, raw: new RawJson(raw), [hostile]: new RawJson(raw), after: [hostile, new RawJson(raw)]}
      const parsed: unknown = {[hostile]: hostile}

      const text = stringifyJson(value)

      expect(JSON.parse(text)).toEqual({before: hostile, raw: parsed, [hostile]: parsed, after: [hostile, parsed]})
      expect(text.split(raw)).toHaveLength(4)
    },
  )

  it('keeps many apart', () => {
    const value = Array.from({length: 1200}, (_, index) => new RawJson(`${index}.0`))

    expect(stringifyJson(value)).toBe(`[${value.map(({text}) => text).join(',')}]`)
  })

  it('takes nobody else`s content for its own place, though they know how it is done', () => {
    const seen = stringifyJson({first: new RawJson('1'), second: 'a'.repeat(24)})
    const guesses = ['0', '1', `${'0'.repeat(24)}0`, `${'a'.repeat(24)}1`]

    expect(seen).toBe(`{"first":1,"second":"${'a'.repeat(24)}"}`)
    expect(stringifyJson([...guesses, new RawJson('"secret"')])).toBe(JSON.stringify([...guesses, 'secret']))
  })

  it('puts raw text that looks like a place in once, and does not look into it', () => {
    const raw = new RawJson('"0123456789abcdef01234567890"')

    expect(stringifyJson([raw, raw])).toBe(`[${raw.text},${raw.text}]`)
  })

  it('reads back what any raw text says', () => {
    fc.assert(
      fc.property(fc.array(fc.json()), fc.string(), (texts, other) => {
        const value = {other, raws: texts.map((text) => new RawJson(text))}
        expect(JSON.parse(stringifyJson(value))).toEqual({other, raws: texts.map((text) => JSON.parse(text) as unknown)})
      }),
    )
  })
})
