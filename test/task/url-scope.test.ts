import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {parseTarget} from '../../src/task/target.js'
import {UrlScope} from '../../src/task/url-scope.js'

const base = 'http://mywebservice.com/api/v1/'

function includes(url: string, scope = base): boolean {
  return new UrlScope(scope).includes(parseTarget(url, {baseTaskUrl: scope}).url)
}

describe('UrlScope', () => {
  it.each([
    'http://mywebservice.com/api/v1/',
    'http://mywebservice.com:80/api/v1/hooks/do/foo?u=http://evil.example/../x',
    'HTTP://MyWebService.com/api/v1/x#/../..',
    'http://mywebservice.com/api/v2/../v1/x',
    'http://mywebservice.com/api/v1/a%2fb;c=d/..%20/...',
    'hooks/x',
    '?a=1',
    '/api/v1/x',
  ])('has %s in it', (url) => {
    expect(includes(url)).toBe(true)
  })

  it.each([
    'https://mywebservice.com/api/v1/x',
    'http://mywebservice.com:8080/api/v1/x',
    'http://mywebservice.com./api/v1/x',
    'http://mywebservice.com.evil.example/api/v1/x',
    'http://x.mywebservice.com/api/v1/x',
    'http://mywebservice.com/api/v1',
    'http://mywebservice.com/api/v10/x',
    'http://mywebservice.com/API/v1/x',
    'http://mywebservice.com/',
    'http://mywebservice.com//api/v1/x',
    'http://mywebservice.com/api/v1/../v2/x',
    'http://mywebservice.com/api/v1/%2e%2e/x',
    'http://mywebservice.com/api/v1/..%2fv2',
    'http://mywebservice.com/api/v1/x/..%5c..%5c..%5cv2',
    'http://mywebservice.com/api/v1/%252e%252e/x',
    'http://mywebservice.com/api/v1/..;a=b/x',
    'http://mywebservice.com/api/v1/..%3b/x',
    `http://mywebservice.com/api/v1/%${'25'.repeat(900)}2e./x`,
    '../x',
    '/x',
  ])('has %s not in it', (url) => {
    expect(includes(url)).toBe(false)
  })

  it('has everything of its origin in it, without a path', () => {
    for (const url of ['http://h/', 'http://h/x', '/../x', 'http://h/a//b?c']) expect(includes(url, 'http://h')).toBe(true)
    for (const url of ['http://i/', 'https://h/', 'http://h:81/']) expect(includes(url, 'http://h')).toBe(false)
  })

  it('wants a slash at the end of a path', () => {
    expect(() => new UrlScope('http://h/api')).toThrow(expect.objectContaining({code: 'invalid_option', field: 'base-task-url'}))
    expect(() => new UrlScope('h/')).toThrow(expect.objectContaining({code: 'invalid_option'}))
  })

  it('is left by no path, however it is read', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2E',
      '%252e',
      '%2f',
      '%5C',
      '%25',
      ';',
      ';a=b',
      'a',
      'v1',
      '%',
      '%c0%ae',
    )
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 10}), (pieces) => {
        const text = base + pieces.join('')
        if (!includes(text)) return

        let path = new URL(text).pathname
        for (let layer = 0; layer < 4; layer++) {
          const readBySome = new URL(path.replace(/;[^/]*/g, ''), 'http://h').pathname
          expect(`${readBySome}/`.startsWith('/api/v1/'), path).toBe(true)
          path = path.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        }
      }),
      {numRuns: 3000},
    )
  })
})

describe('newTask', () => {
  it('takes only what is in the scope', () => {
    const scope = new UrlScope(base)
    const refused = {
      code: 'invalid_url',
      field: 'url',
      message: expect.stringMatching(/\(outside_base\).*only URLs under http:\/\/mywebservice/),
    }

    expect(newTask({url: 'x'}, {baseTaskUrl: base, scope}).url).toBe(`${base}x`)
    expect(() => newTask({url: 'http://other.example/'}, {baseTaskUrl: base, scope})).toThrow(expect.objectContaining(refused))
    expect(() => newTask({url: '/x'}, {baseTaskUrl: base, scope})).toThrow(expect.objectContaining(refused))
  })
})
