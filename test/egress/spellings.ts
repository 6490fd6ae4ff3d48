import fc from 'fast-check'

/** Ways to write a number that some parser takes for the same. */
const number = (value: number) =>
  fc.constantFrom(
    String(value),
    `0x${value.toString(16)}`,
    `0X${value.toString(16).toUpperCase()}`,
    `0${value.toString(8)}`,
    `000${value.toString(8)}`,
    `0x0000${value.toString(16)}`,
  )

/** The same text in characters that IDNA makes the plain ones of, or with such that it drops. */
const disguised = (text: string) =>
  fc.constantFrom(
    text,
    text.replaceAll('.', '。'),
    text.replaceAll('.', '．'),
    text.replaceAll('.', '｡'),
    text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    text.replace(/\d/g, (digit) => String.fromCodePoint(0x1d7ce + Number(digit))),
    text.replace('.', '.\u00ad'),
    `${text}\u200b`,
    `\u2060${text}`,
    text.replace(/./g, (char) => `%${char.codePointAt(0)!.toString(16)}`),
    text.replace('.', '%2e'),
    `${text}.`,
    `${text}..`,
    ` ${text}`,
    `${text}\t`,
    `${text}\u0000`,
  )

/** An IPv4 address in any number of parts, each in any base, disguised or not. */
export function ipv4Spelling(octets: readonly number[]): fc.Arbitrary<string> {
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0)
  const parts = fc.constantFrom<number[]>(
    [value],
    [octets[0]!, value % 2 ** 24],
    [octets[0]!, octets[1]!, value % 2 ** 16],
    [...octets],
  )
  return parts.chain((numbers) => fc.tuple(...numbers.map(number))).chain((texts) => disguised(texts.join('.')))
}

/** An IPv6 address that has an IPv4 one inside, in brackets, with zeros or without. */
export function embeddedSpelling(octets: readonly number[]): fc.Arbitrary<string> {
  const dotted = octets.join('.')
  const [high, low] = [octets[0]! * 256 + octets[1]!, octets[2]! * 256 + octets[3]!].map((group) => group.toString(16))
  const hex = `${high}:${low}`
  const around =
    '::ffff:4 ::ffff:6 0:0:0:0:0:FFFF:6 ::4 ::6 ::ffff:0:4 64:ff9b::4 64:FF9B::6 64:ff9b:1::4 2002:6:: 2002:6::1 fe80::5efe:4 ' +
    'fd00::5efe:6 2a00::200:5efe:6 2001:0:1:2:3:9:6'
  const addresses = around.split(' ').map((text) => text.replace(/:4$/, `:${dotted}`).replace(/:6(?=:|$)/, `:${hex}`))
  return fc
    .constantFrom(...addresses)
    .chain((address) =>
      fc.constantFrom(`[${address}]`, `[${address}%25lo]`, `[${address}%lo]`, `[${address.toUpperCase()}]`, address),
    )
}

/** A URL with this host, in more or less usual words. */
export function urlOf(host: string): fc.Arbitrary<string> {
  const scheme = fc.constantFrom('http://', 'https://', 'HTTP://', 'http:/', 'http:', 'http:///', 'http:\\\\', '//', 'hTtP:/\\')
  const before = fc.constantFrom('', '', '', 'user@', 'user:pw@', 'good.example@', '@', 'good.example:80\\@')
  const after = fc.constantFrom(
    '',
    '/',
    ':80',
    ':443/',
    ':08080/x',
    ':/',
    '/path?query#fragment',
    '#',
    '?',
    '\\',
    ':80@good.example/',
  )
  return fc.tuple(scheme, before, after).map(([start, credentials, rest]) => `${start}${credentials}${host}${rest}`)
}
