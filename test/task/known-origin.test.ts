import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {parseTarget} from '../../src/task/target.js'

function read(url: string): unknown {
  try {
    return parseTarget(url)
  } catch (error) {
    return error
  }
}

describe('parseTarget, of an origin that it has read before,', () => {
  const pieces = ['/', '.', '..', '%2e', '%2E', '%2f', '%zz', '%', '?', '#', 'a', "Z9-_~!$&'()*+,;=:@", '"', '<', '`', '{', '|']
  const others = ['^', '[', 'é', '\u00a0', '\u2028', '\\', ' ', '\t']
  const rest = fc.array(fc.constantFrom(...pieces, ...others), {maxLength: 10}).map((parts) => `/${parts.join('')}`)

  it('reads on as of a new one', () => {
    parseTarget('http://known/')
    let times = 0
    fc.assert(
      fc.property(rest, (text) => {
        const fresh = `new${times++}.example`
        const [result, expected] = [read(`http://known${text}`), read(`http://${fresh}${text}`)]

        if (expected instanceof Error) expect(result).toMatchObject({code: 'invalid_url'})
        else expect(JSON.stringify(result)).toBe(JSON.stringify(expected).replaceAll(fresh, 'known'))
      }),
      {numRuns: 20_000},
    )
  })

  it.each(['http://h', 'http://127.0.0.1:8080', 'https://[::1]:3000', 'http://H', 'HTTP://h', 'http://h:80', 'http://h.'])(
    'reads on as new URL() does: %s',
    (origin) => {
      for (const known of ['http://h/', 'http://127.0.0.1:8080/', 'https://[::1]:3000/', 'http://h./']) parseTarget(known)
      for (const text of ['/a/b?c=d', '', '/%7e//', '/.a', '/a/../b', '/a#b', "/'?'", '/é', '?a', '/%2e%2e/a']) {
        const url = new URL(origin + text)
        expect(parseTarget(origin + text)).toEqual({url: url.href.split('#')[0], origin: url.origin})
      }
    },
  )

  it('reads many origins', () => {
    for (let index = 0; index < 9_000; index++) {
      const url = `http://h${index}.example/hooks`
      expect([parseTarget(url), parseTarget(url)]).toEqual(Array(2).fill({url, origin: `http://h${index}.example`}))
    }
  })
})
