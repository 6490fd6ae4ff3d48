import fc from 'fast-check'

/** A task as a producer means it: the fields it sends, as text. */
export type MeantFields = Record<string, string>

/** Whole characters of any script, no halves of pairs; what a browser's form could hold. */
const text = (maxLength = 20) => fc.string({unit: 'grapheme', maxLength})
const printable = fc.string({unit: 'grapheme-ascii', minLength: 1, maxLength: 40}).filter((value) => value.trim() === value)

const host = fc.constantFrom(
  'h.example',
  'localhost:8091',
  '127.0.0.1:9',
  '[fd00::1]:81',
  'xn--bcher-kva.example',
  'H.Example:80',
)
const path = fc.string({unit: fc.constantFrom(...'abcXYZ019-._~/%20?=&+#é日🦊'.match(/%20|./gu)!), maxLength: 20})
const url = fc.tuple(fc.constantFrom('http', 'https'), host, path).map(([scheme, name, rest]) => `${scheme}://${name}/${rest}`)

const json = fc.json({maxDepth: 4, stringUnit: 'grapheme'})
const scalar = fc.oneof(
  json,
  fc.constantFrom('1.0', '1e20', '12345678901234567890', '-0', 'null', '""', '[]', '{"a":{"b":[1,2]}}'),
)

/** JSON text of an object, made by hand: its keys may be `__proto__` and stand in any order. */
const object = fc
  .uniqueArray(fc.tuple(fc.oneof(text(), fc.constantFrom('__proto__', 'constructor', '1', '')), scalar), {
    selector: ([key]) => key,
    maxLength: 6,
  })
  .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(',')}}`)

const payload = fc.oneof(
  fc.record({params: object}),
  fc.record({json}),
  fc.record({body: text(60).filter((value) => value !== '')}),
  fc.constant({}),
)

const rest = fc.record(
  {
    delay: fc.oneof(fc.nat(1000).map(String), fc.constantFrom('0.5', '500ms', '2h', '366d')),
    queue: fc.constantFrom('default', 'fuzz', 'a-b_c'),
    maxErrors: fc.integer({min: 1, max: 1000}).map(String),
    timeout: fc.constantFrom('1', '30s', '30m'),
    flowKey: printable,
    headers: fc.constantFrom('{}', '{"x-one":"1"}', '{"X-Two": "a b", "x-three": "é"}'),
  },
  {requiredKeys: []},
)

/** Fields that every producer may send, and no server may get wrong. */
export const goodFields: fc.Arbitrary<MeantFields> = fc.tuple(url, payload, rest).map(([target, sent, others]) => ({
  url: target,
  ...sent,
  ...others,
}))

const hostileValue = fc.oneof(
  fc.string({unit: 'binary', maxLength: 40}),
  json,
  fc.constantFrom(
    '9'.repeat(400),
    'NaN',
    '-1',
    '1e999',
    '\0',
    '{"a":1,"a":2}',
    '['.repeat(40),
    '"\\ud800"',
    'null',
    ' ',
    '\ufeff{}',
  ),
  fc.constantFrom(
    'http://[::ffff:127.0.0.1]/',
    'http://127.1/',
    'http://a@b/',
    'file:///etc/passwd',
    '//h/',
    'http://h:0/',
    'HTTP://h/\n',
  ),
)
const fieldName = fc.oneof(
  fc.constantFrom('url', 'params', 'json', 'body', 'contentType', 'method', 'headers', 'delay', 'at', 'queue', 'id'),
  fc.constantFrom('idempotencyKey', 'timeout', 'maxErrors', 'flowKey', 'queue_name', '__proto__', 'constructor'),
)

/** Good ones, of which some are not. */
export const anyFields: fc.Arbitrary<MeantFields> = fc
  .tuple(goodFields, fc.array(fc.tuple(fieldName, hostileValue), {minLength: 1, maxLength: 3}))
  .map(([good, bad]) => Object.fromEntries([...Object.entries(good), ...bad]))

/** As a form is written: percent-encoded, more of it than need be here and there. */
export const formText = (fields: MeantFields): string => new URLSearchParams(fields).toString()

/** The bytes of a request that adds a task by a form. */
export function formRequest(fields: MeantFields): Buffer {
  const body = Buffer.from(formText(fields))
  const head = [
    'POST /hooks/add HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

interface Change {
  /** Where, from 0 to 1. */
  at: number
  kind: 'set' | 'insert' | 'remove' | 'repeat'
  bytes: Uint8Array
  length: number
}

const tokens = [
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\0',
  '%',
  '%zz',
  '%ff',
  '&',
  '=',
  '&url=http://x/',
  ': ',
  'Host: b\r\n',
  'chunked',
  '0\r\n\r\n',
]
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({min: 0, max: 1, noNaN: true}),
  kind: fc.constantFrom('set', 'insert', 'remove', 'repeat'),
  bytes: fc.oneof(
    fc.uint8Array({minLength: 1, maxLength: 4}),
    fc
      .constantFrom(...tokens, 'Content-Length: 3\r\n', 'Transfer-Encoding: chunked\r\n', 'Expect: 100-continue\r\n')
      .map((token) => Buffer.from(token)),
  ),
  length: fc.nat(30),
})

/** A good request with some bytes of it changed. */
export const mutatedRequest: fc.Arbitrary<Buffer> = fc
  .tuple(goodFields, fc.array(change, {minLength: 1, maxLength: 4}))
  .map(([fields, changes]) => changes.reduce(apply, formRequest(fields)))

function apply(bytes: Buffer, {at, kind, bytes: put, length}: Change): Buffer {
  const place = Math.floor(at * bytes.length)
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
  if (kind === 'set') return Buffer.concat([before, put, after.subarray(put.length)])
  if (kind === 'insert') return Buffer.concat([before, put, after])
  if (kind === 'remove') return Buffer.concat([before, after.subarray(length)])
  return Buffer.concat([before, after.subarray(0, length), after])
}
