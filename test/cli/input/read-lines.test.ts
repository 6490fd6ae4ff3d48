import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {type InputLine, readLines} from '../../../src/cli/input/read-lines.js'

/** The bytes in pieces of the given sizes, the rest at the end. */
async function* pieces(bytes: Uint8Array, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  let start = 0
  for (const size of sizes) yield bytes.subarray(start, (start += size))
  yield bytes.subarray(start)
}

async function linesOf(input: AsyncIterable<Uint8Array>, maxLength = 1000): Promise<InputLine[]> {
  const all: InputLine[] = []
  for await (const lines of readLines(input, {maxLength})) all.push(...lines)
  return all
}

describe('readLines', () => {
  it('gives the same lines however the bytes arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({unit: 'grapheme'}), fc.array(fc.nat(9)), async (text, sizes) => {
        const lines = await linesOf(pieces(Buffer.from(text), sizes))
        const expected = text.replace(/\n$/, '').split('\n')
        expect(lines.map((line) => line.text)).toEqual(text === '' ? [] : expected)
        expect(lines.map((line) => line.number)).toEqual(lines.map((_, index) => index + 1))
      }),
    )
  })

  it('passes on what has arrived, without waiting for more', async () => {
    const arrived: number[] = []

    for await (const lines of readLines(pieces(Buffer.from('a\nb\nc'), [4]), {maxLength: 9})) arrived.push(lines.length)

    expect(arrived).toEqual([2, 0, 1])
  })

  it('names a line that is too long, and goes on after it', async () => {
    const lines = await linesOf(pieces(Buffer.from(`${'x'.repeat(5000)}\nok\n`), [100, 2000]), 1000)

    expect(lines).toMatchObject([{error: {code: 'too_large'}}, {number: 2, text: 'ok', error: null}])
  })

  it('refuses bytes that are no UTF-8 rather than replacing them', async () => {
    const lines = await linesOf(pieces(Buffer.from([0x61, 0xff, 0x0a, 0x62])))

    expect(lines).toMatchObject([{error: {code: 'invalid_json'}}, {text: 'b', error: null}])
  })
})
