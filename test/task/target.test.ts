import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {parseBaseTaskUrl, parseTarget} from '../../src/task/target.js'

const base = 'http://mywebservice.com/api/v1/'

function refusal(url: string, baseTaskUrl?: string): unknown {
  try {
    return parseTarget(url, {baseTaskUrl})
  } catch (error) {
    return error
  }
}

describe('parseTarget', () => {
  it.each([
    ['http://127.0.0.1/', 'http://127.0.0.1/', 'http://127.0.0.1'],
    ['http://mywebservice.com/hooks/do/foo', 'http://mywebservice.com/hooks/do/foo', 'http://mywebservice.com'],
    ['http://LOCALHOST:8080', 'http://localhost:8080/', 'http://localhost:8080'],
    ['HTTPS://Example.COM:443/A?b=C', 'https://example.com/A?b=C', 'https://example.com'],
    ['http://[::1]:3000/x', 'http://[::1]:3000/x', 'http://[::1]:3000'],
    ['http://[FD12:3456::AB]/', 'http://[fd12:3456::ab]/', 'http://[fd12:3456::ab]'],
    ['http://example.com#@127.0.0.1/', 'http://example.com/', 'http://example.com'],
    ['http://example.com/a#frag', 'http://example.com/a', 'http://example.com'],
    ['http://hooks.example.com./', 'http://hooks.example.com./', 'http://hooks.example.com.'],
    ['http://127.0.0.1.nip.io/', 'http://127.0.0.1.nip.io/', 'http://127.0.0.1.nip.io'],
    ['http://my_service-2:80/', 'http://my_service-2/', 'http://my_service-2'],
    ['http://Bücher.example/ü?q=ü', 'http://xn--bcher-kva.example/%C3%BC?q=%C3%BC', 'http://xn--bcher-kva.example'],
    ['http://例え。jp/', 'http://xn--r8jz45g.jp/', 'http://xn--r8jz45g.jp'],
    ['http://XN--BCHER-KVA.example/', 'http://xn--bcher-kva.example/', 'http://xn--bcher-kva.example'],
    ['http://h/a/../b/%7e?x=%20+&y=@:/#', 'http://h/b/%7e?x=%20+&y=@:/', 'http://h'],
    ['http://h:/', 'http://h/', 'http://h'],
  ])('takes %s', (text, url, origin) => {
    expect(parseTarget(text)).toEqual({url, origin})
  })

  it.each([
    ['http://127.1/', 'non_canonical'],
    ['http://0x7f000001/', 'non_canonical'],
    ['http://0X7F.1/', 'non_canonical'],
    ['http://0177.0.0.1/', 'non_canonical'],
    ['http://127.0.0.01/', 'non_canonical'],
    ['http://127.0.0.1./', 'non_canonical'],
    ['http://127.1./', 'non_canonical'],
    ['http://１２７.0.0.1/', 'non_canonical'],
    ['http://127。0。0。1/', 'non_canonical'],
    ['http://①②⑦.0.0.1/', 'non_canonical'],
    ['http://127.0.0\u00ad.1/', 'non_canonical'],
    ['http://127.0.0.1\u200b/', 'non_canonical'],
    ['http://0x0/', 'non_canonical'],
    ['http://0/', 'non_canonical'],
    ['http://2852039166/', 'non_canonical'],
    ['http://169.254.43518/', 'non_canonical'],
    ['http://192.168.257/', 'non_canonical'],
    ['http://[0:0:0:0:0:0:0:1]/', 'non_canonical'],
    ['http://[fd00::0001]/', 'non_canonical'],
    ['http://ｌocalhost/', 'non_canonical'],
    ['http://loca\u00adlhost/', 'non_canonical'],
    ['http://%31%32%37.0.0.1/', 'bad_host'],
    ['http://127.0.0.1%2f.example.com/', 'bad_host'],
    ['http://[fe80::1%25eth0]/', 'bad_host'],
    ['http://[fe80::1%eth0]/', 'bad_host'],
    ['http://[1::2::3]/', 'bad_host'],
    ['http://[::1.2.3]/', 'bad_host'],
    ['http://[]/', 'bad_host'],
    ['http://a..b/', 'bad_host'],
    ['http://./', 'bad_host'],
    ['http://a"b/', 'bad_host'],
    ['http://a{b}/', 'bad_host'],
    [`http://${'a'.repeat(64)}.example/`, 'bad_host'],
    [`http://${'a.'.repeat(127)}example/`, 'bad_host'],
    ['http://[::ffff:127.0.0.1]/', 'ip_embedding'],
    ['http://[::FFFF:7F00:1]/', 'ip_embedding'],
    ['http://[::127.0.0.1]/', 'ip_embedding'],
    ['http://[::2]/', 'ip_embedding'],
    ['http://[::ffff:0:7f00:1]/', 'ip_embedding'],
    ['http://[64:ff9b::a9fe:a9fe]/', 'ip_embedding'],
    ['http://[64:ff9b:1::a9fe:a9fe]/', 'ip_embedding'],
    ['http://[2002:a9fe:a9fe::]/', 'ip_embedding'],
    ['http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/', 'ip_embedding'],
    ['http://[fd00::5efe:7f00:1]/', 'ip_embedding'],
    ['http://[2a00::200:5efe:a9fe:a9fe]/', 'ip_embedding'],
    ['http://example.com@127.0.0.1/', 'userinfo'],
    ['http://u:p@h/', 'userinfo'],
    ['http://@h/', 'userinfo'],
    ['http://:@h/', 'userinfo'],
    ['http://127.0.0.1:80\\@example.com:80/', 'bad_char'],
    ['http:\\\\127.0.0.1\\', 'bad_char'],
    ['http://h/?a\\b', 'bad_char'],
    ['http://127.0\n.0.1/', 'bad_char'],
    ['http://example.com\r\nX-Injected:%20y/', 'bad_char'],
    ['http://127.0.0.1: 80/', 'bad_char'],
    ['http://h/a b', 'bad_char'],
    ['http://h/\t', 'bad_char'],
    ['ht\ttp://h/', 'bad_char'],
    ['\u0000http://h/', 'bad_char'],
    ['http://h/\u007f', 'bad_char'],
    ['http://h/\u0085', 'bad_char'],
    ['http://h/\ud800', 'bad_char'],
    ['http:127.0.0.1', 'malformed'],
    ['http:/127.0.0.1', 'malformed'],
    ['https:h', 'malformed'],
    ['http:', 'malformed'],
    ['http://127.0.0.1:65536/', 'malformed'],
    ['http://127.0.0.1:99999999999999999999/', 'malformed'],
    ['http://127.0.0.1:0/', 'malformed'],
    ['http://127.0.0.1:-1/', 'malformed'],
    ['http://h:８０/', 'malformed'],
    ['http://h:80:80/', 'malformed'],
    ['http://::1/', 'malformed'],
    ['http://[::1/', 'malformed'],
    ['http://[::1]x/', 'malformed'],
    ['http://xn--/', 'malformed'],
    ['http://4294967296/', 'malformed'],
    ['http://1.2.3.4.5/', 'malformed'],
    ['http://256.0.0.1/', 'malformed'],
    ['http://a<b/', 'malformed'],
    ['//127.0.0.1/', 'not_absolute'],
    ['/hooks/do/foo', 'not_absolute'],
    ['hooks/do/foo', 'not_absolute'],
    ['127.0.0.1:8080/', 'not_absolute'],
    ['?a=1', 'not_absolute'],
    ['://h/', 'not_absolute'],
    ['http://', 'no_host'],
    ['http:///path', 'no_host'],
    ['http://?a', 'no_host'],
    ['http://#a', 'no_host'],
    ['http://:80/', 'no_host'],
    ['ftp://127.0.0.1/', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['unix:/var/run/docker.sock', 'scheme'],
    ['redis://127.0.0.1:6379', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['ws://h/', 'scheme'],
    ['httpx://h/', 'scheme'],
    ['localhost:8080/x', 'scheme'],
    [`http://h/${'x'.repeat(2040)}`, 'too_long'],
  ])('refuses %j as %s, whether there is a base or not', (url, reason) => {
    const expected = {code: 'invalid_url', field: 'url', message: expect.stringContaining(`(${reason})`)}

    expect(refusal(url)).toMatchObject(expected)
    if (reason !== 'not_absolute') expect(refusal(url, base)).toMatchObject(expected)
  })

  it('takes 2,048 characters', () => {
    expect(parseTarget(`http://h/${'x'.repeat(2039)}`).url).toHaveLength(2048)
  })

  it('quotes a hostile url cut and escaped', () => {
    expect(refusal(`http://h/\u001b]0;x\u0007${'y'.repeat(5000)}`)).toMatchObject({
      message: expect.not.stringMatching(/\p{Control}|y{200}/u),
    })
  })

  it.each([
    ['/hooks/do/foo', 'http://mywebservice.com/hooks/do/foo'],
    ['hooks/x', 'http://mywebservice.com/api/v1/hooks/x'],
    ['../x', 'http://mywebservice.com/api/x'],
    ['../../../../x', 'http://mywebservice.com/x'],
    ['?a=1', 'http://mywebservice.com/api/v1/?a=1'],
    ['/a//b?u=http://evil.example/#f', 'http://mywebservice.com/a//b?u=http://evil.example/'],
    ['/@evil.example/', 'http://mywebservice.com/@evil.example/'],
    ['https://other.example/x', 'https://other.example/x'],
  ])('resolves %s against the base', (text, url) => {
    expect(parseTarget(text, {baseTaskUrl: base}).url).toBe(url)
  })

  it.each(['//127.0.0.1/', '//evil.example', '///evil.example', '127.0.0.1:80/', 'evil.example:80/', ':80/x', '://h'])(
    'refuses %s with a base',
    (url) => {
      expect(refusal(url, base)).toMatchObject({code: 'invalid_url'})
    },
  )

  it('never lets a relative url leave the origin of the base', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '\\',
      '.',
      '..',
      '@',
      ':',
      '?',
      '#',
      '%2f',
      '%5c',
      '\t',
      '\n',
      ' ',
      'evil.example',
      '127.0.0.1',
      'a',
      '[::1]',
      '／',
      '。',
    )
    const relative = fc.oneof(
      fc.array(piece, {maxLength: 8}).map((pieces) => pieces.join('')),
      fc.string({unit: 'binary', maxLength: 12}),
    )
    fc.assert(
      fc.property(relative, (text) => {
        const result = refusal(text, base)

        if (result instanceof Error) expect(result).toMatchObject({code: 'invalid_url'})
        else
          expect(result).toMatchObject({
            origin: 'http://mywebservice.com',
            url: expect.stringMatching(/^http:\/\/mywebservice\.com\//),
          })
      }),
      {numRuns: 5000},
    )
  })

  it('gives what new URL() reads the same way', () => {
    fc.assert(
      fc.property(fc.webUrl({withFragments: true, withQueryParameters: true, validSchemes: ['http', 'https']}), (text) => {
        const {url, origin} = parseTarget(text)

        expect(new URL(url).href).toBe(url)
        expect(new URL(text).href.split('#')[0]).toBe(url)
        expect(new URL(text).origin).toBe(origin)
      }),
    )
  })
})

describe('parseBaseTaskUrl', () => {
  it('takes an absolute url', () => {
    expect(parseBaseTaskUrl('http://mywebservice.com').href).toBe('http://mywebservice.com/')
  })

  it.each(['', '/hooks', '//h/', 'mywebservice.com', 'ftp://h/', 'http://u:p@h/', 'http://127.1/', 'http://h/\n'])(
    'refuses %j',
    (text) => {
      expect(() => parseBaseTaskUrl(text)).toThrowError(expect.objectContaining({code: 'invalid_option', field: 'base-task-url'}))
      expect(refusal('/x', text)).toMatchObject({code: 'invalid_option'})
    },
  )
})
