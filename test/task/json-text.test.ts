import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {type JsonValue, canonicalText, readObject, readValue} from '../../src/task/json-text.js'
import {withBlanks} from '../support/json-source.js'

const generous = {maxDepth: 1000, maxKeys: 1_000_000}
const blanks = fc.array(fc.constantFrom('', ' ', '\n', '\r\n\t'))

/** What `JSON.parse` would have made of it. */
function plain(value: JsonValue): unknown {
  if (value.kind === 'string') return value.value
  if (value.kind === 'array') return value.items.map(plain)
  if (value.kind === 'object') return Object.fromEntries(value.members.map((member) => [member.key, plain(member.value)]))
  return JSON.parse(value.text)
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function reads(text: string): boolean {
  try {
    readValue(text, generous)
    return true
  } catch (error) {
    expect(error).toMatchObject({code: 'invalid_json'})
    return false
  }
}

/** The parts stand in their whole one after the other. */
function expectInPlace(whole: JsonValue): void {
  const parts = whole.kind === 'array' ? whole.items : whole.kind === 'object' ? whole.members.map(({value}) => value) : []
  let from = 1
  for (const part of parts) {
    const at = whole.text.indexOf(part.text, from)
    expect(at).toBeGreaterThanOrEqual(from)
    expectInPlace(part)
    from = at + part.text.length
  }
}

describe('readValue', () => {
  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.json(), blanks, (json, around) => {
        const text = withBlanks(json, around)

        expect(plain(readValue(text, generous))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('refuses what JSON.parse refuses', () => {
    const token = fc.constantFrom(
      ...'{ } [ ] , : "a" "b" "\\n" "\\x" "\\u12" 0 01 -1 - 1. .5 1e5 1e 1E+2 true tru null NaN \ufeff \u00a0'.split(' '),
      ' ',
    )
    fc.assert(
      fc.property(fc.array(token, {maxLength: 8}), (tokens) => {
        const text = tokens.join('')
        const repeatsKey = /"a".*"a"|"b".*"b"|"\\n".*"\\n"/.test(text)

        if (!repeatsKey) expect(reads(text)).toBe(parses(text))
      }),
      {numRuns: 5000},
    )
  })

  it('refuses a valid text with one character changed exactly when JSON.parse does', () => {
    const scalar = fc.json({maxDepth: 0})
    const change = fc.tuple(fc.nat(), fc.constantFrom(...'"{}[]:,\\0-. \n\u0000\u007f'.split('')))
    fc.assert(
      fc.property(scalar, scalar, scalar, change, (first, second, third, [at, char]) => {
        // One key in each object, so that no single change can repeat a key.
        const text = `[{"k":${first}},{"k":[${second},${third}]}]`
        const changed = text.slice(0, at % text.length) + char + text.slice((at % text.length) + 1)

        expect(reads(changed)).toBe(parses(changed))
      }),
      {numRuns: 5000},
    )
  })

  it('keeps the source of every value, in place', () => {
    fc.assert(
      fc.property(fc.json(), blanks, (json, around) => {
        const text = withBlanks(json, around)

        const value = readValue(text, generous)

        expect(value.text).toBe(text.trim())
        expectInPlace(value)
      }),
    )
  })

  it.each(['1.0', '1e20', '-0', '0.10', '12345678901234567890', '1E+400', '-0.0e-7'])(
    'keeps the number %s as written',
    (text) => {
      expect(readValue(` ${text} `)).toEqual({kind: 'number', text})
    },
  )

  it.each([
    ['a byte order mark', '\ufeff{}'],
    ['a no-break space', '\u00a01'],
    ['nothing', ''],
    ['blanks', ' \n'],
    ['text after the value', '{} x'],
    ['a second value', '1 2'],
    ['a comma too many', '[1,]'],
    ['a comma too many in an object', '{"a":1,}'],
    ['single quotes', "{'a':1}"],
    ['a bare key', '{a:1}'],
    ['a comment', '{}//'],
    ['NaN', 'NaN'],
    ['Infinity', '-Infinity'],
    ['undefined', 'undefined'],
    ['hex', '0x10'],
    ['a plus sign', '+1'],
    ['a leading zero', '01'],
    ['a raw newline in a string', '"a\nb"'],
    ['a raw NUL in a string', '"\u0000"'],
    ['an unknown escape', '"\\x41"'],
    ['a short escape', '"\\u12"'],
    ['an open string', '"abc'],
    ['an open escape', '"abc\\'],
    ['an open object', '{"a":1'],
    ['a Python set', "{'foo', 'somevalue'}"],
  ])('refuses %s', (_name, text) => {
    expect(() => readValue(text)).toThrowError(expect.objectContaining({code: 'invalid_json'}))
  })

  it.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"x":{"b":1,"a":0,"b":1}}]', '{"__proto__":1,"__proto__":2}'])(
    'refuses a key given twice: %s',
    (text) => {
      expect(() => readValue(text)).toThrowError(/twice/)
    },
  )

  it('takes the same key in two objects', () => {
    expect(readValue('[{"a":1},{"a":{"a":2}}]')).toMatchObject({kind: 'array'})
  })

  it.each(['"\\ud800"', '"\\udc00\\ud800"', '"a\\ud83dz"', '"\ud800"', '{"\\udfff":1}', '"\udc00🙂"'])(
    'refuses a lone surrogate: %j',
    (text) => {
      expect(() => readValue(text)).toThrowError(/surrogate/)
    },
  )

  it('takes whole pairs, raw and escaped', () => {
    expect(readValue('"🙂\\ud83d\\ude42\\uD83D\ude42"')).toMatchObject({value: '🙂🙂🙂'})
  })

  it('goes 32 levels deep and no deeper', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

    expect(readValue(`[${nested(31)},${nested(31)}]`)).toMatchObject({kind: 'array'})
    expect(() => readValue(nested(33))).toThrowError(/nested more than 32 levels/)
    expect(() => readValue(`[{"a":${nested(31)}}]`)).toThrowError(/nested more than 32 levels/)
  })

  it.each(['[', '{"a":', '[{"a":'])('refuses 200,000 levels of %s without overflowing', (open) => {
    expect(() => readValue(open.repeat(200_000))).toThrowError(expect.objectContaining({code: 'invalid_json'}))
  })

  it('takes 1,000 keys in all and no more', () => {
    const keys = (count: number) => `{${Array.from({length: count}, (_, index) => `"k${index}":0`).join(',')}}`

    expect(readObject(keys(1000))).toHaveLength(1000)
    expect(() => readValue(keys(1001))).toThrowError(/more than 1000 keys/)
    expect(() => readValue(`[${keys(500)},${keys(501)}]`)).toThrowError(/more than 1000 keys/)
    expect(readObject(keys(1001), {maxKeys: 1001})).toHaveLength(1001)
  })

  it.each([
    ['one string', (size: number) => `"${'x'.repeat(size)}"`],
    ['escapes', (size: number) => `"${'\\n'.repeat(size / 2)}"`],
    ['one number', (size: number) => '7'.repeat(size)],
    ['a fraction', (size: number) => `0.${'7'.repeat(size)}`],
    ['items', (size: number) => `[${'1,'.repeat(size / 2)}1]`],
    ['blanks', (size: number) => `${' '.repeat(size)}1${' '.repeat(size)}`],
    ['pairs', (size: number) => `"${'🙂'.repeat(size / 4)}"`],
    ['arrays', (size: number) => `[${'[[[],[]]],'.repeat(size / 10)}1]`],
  ])('reads 4 MiB of %s in a time that grows with the size only', (_name, make) => {
    const [small, large] = [make(1 << 20), make(4 << 20)]
    readValue(small)
    const start = performance.now()

    readValue(large)

    // Quadratic work would take minutes, so the bound can be far above what any machine needs.
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  it('says where and names the field', () => {
    expect(() => readValue('{"a": }', {field: 'params', code: 'invalid_params'})).toThrowError(
      expect.objectContaining({code: 'invalid_params', field: 'params', message: 'params is not valid JSON: "}" at character 7'}),
    )
  })
})

describe('readObject', () => {
  it('gives the members in the order written, integer-like keys too', () => {
    const members = readObject('{"b":1,"10":2,"__proto__":3,"2":4,"":5,"constructor":6}')

    expect(members.map(({key}) => key)).toEqual(['b', '10', '__proto__', '2', '', 'constructor'])
  })

  it.each(['[]', '1', '"{}"', 'null', 'true'])('refuses %s', (text) => {
    expect(() => readObject(text, {field: 'params'})).toThrowError(/params must be a JSON object/)
  })
})

describe('canonicalText', () => {
  it('is the same for texts that differ in blanks and escapes, and leaves numbers and order alone', () => {
    const text = '{ "b" : [1.0, 1e20 , true,null],\n"\\u0061":{"x":"\\u00e9\\/"} }'

    expect(canonicalText(readValue(text))).toBe('{"b":[1.0,1e20,true,null],"a":{"x":"é/"}}')
  })

  it('means what the text means', () => {
    fc.assert(
      fc.property(fc.json(), blanks, (json, around) => {
        expect(JSON.parse(canonicalText(readValue(withBlanks(json, around), generous)))).toEqual(JSON.parse(json))
      }),
    )
  })
})
