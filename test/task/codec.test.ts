import fc from 'fast-check'
import {describe, expect, it} from 'vitest'

import {encodeRun, encodeTask, isOfLaterVersion, readRun, readTask, unreadableTask} from '../../src/task/codec.js'
import {originOf} from '../../src/task/origin.js'
import {type Attempt, type Payload, type Run, type Task, methods, newRun, outcomeCodes} from '../../src/task/task.js'
import {aTask} from '../support/tasks.js'

/** As `add.lua` stores it. */
const stored = ({createdAt, ...task}: Task) => createdAt.toString(36) + encodeTask({...aTask(), ...task})

const text = fc.string({unit: 'binary', maxLength: 300})
const ascii = fc.string({
  unit: fc.integer({min: 32, max: 126}).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 255,
})
const payload: fc.Arbitrary<Payload> = fc.oneof(
  fc.constant({kind: 'none'} as const),
  fc.record({kind: fc.constantFrom('params', 'json'), text}),
  fc.record({kind: fc.constant('body' as const), text, contentType: ascii}),
)
const headerName = fc.constantFrom('x-one', 'x-two', 'authorization', '__proto__', 'constructor', 'tostring')
const headers = fc.array(fc.tuple(headerName, text)).map((entries) => Object.fromEntries(entries))

const task: fc.Arbitrary<Task> = fc.record(
  {
    id: fc.constant('0hx3k9w2m4q7r1t5v8yz'),
    url: fc.webUrl({withQueryParameters: true, withFragments: false}).map((url) => new URL(url).href),
    method: fc.constantFrom(...methods),
    payload,
    headers,
    flowKey: ascii,
    createdAt: fc.integer({min: 0, max: 8.64e15 - 1}).map((ms) => ms % 1e14),
    timeoutMs: fc.integer({min: 1000, max: 1_800_000}),
    maxErrors: fc.integer({min: 1, max: 1000}),
    minBackoffMs: fc.integer({min: 1, max: 1e9}),
    maxBackoffMs: fc.integer({min: 1, max: 1e9}),
    factor: fc.double({min: 1, max: 100, noNaN: true}),
    waitsMs: fc.array(fc.integer({min: 1, max: 1e9}), {minLength: 1, maxLength: 5}),
    maxAgeMs: fc.integer({min: 1, max: 1e9}),
    noRetry: fc.constantFrom('', '400,5xx'),
    success: fc.constantFrom('', '404'),
    dedupKeys: fc.array(
      ascii.map((key) => `k:${key}`),
      {maxLength: 2},
    ),
  },
  {requiredKeys: ['id', 'url', 'method', 'payload', 'headers', 'flowKey', 'createdAt', 'dedupKeys']},
)

describe('a task', () => {
  it('reads back as it was written, whatever it holds', () => {
    fc.assert(
      fc.property(task, (each) => {
        expect(readTask(each.id, stored(each))).toEqual(each)
      }),
    )
  })

  it('keeps its payload to the last character', () => {
    for (const kept of ['', '\n', '\n\n{"a":1}\n', ' \t ', '{"a":"\\u0000\\n"}', '🦆 ü \u2028', 'a\u0000b']) {
      const each = {...aTask(), createdAt: 1, payload: {kind: 'json', text: kept} as const}
      expect(readTask(each.id, stored(each))?.payload).toEqual({kind: 'json', text: kept})
    }
  })

  it('has the origin of its target for a lane, without spending bytes on it', () => {
    const each = aTask({url: 'http://127.0.0.1:9/hooks/do/foo?a=b', flowKey: 'http://127.0.0.1:9'})

    expect(encodeTask(each)).toBe('P\nhttp://127.0.0.1:9/hooks/do/foo?a=b\n\n{"foo":"somevalue","baz":99}')
    expect(readTask(each.id, stored({...each, createdAt: 1}))?.flowKey).toBe('http://127.0.0.1:9')
  })

  it('begins with its time, its kind and its dedup keys', () => {
    const each = {...aTask({payload: {kind: 'none'}, dedupKeys: ['i:a', 'k:b c']}), createdAt: 1_900_000_000_000}

    expect(stored(each)).toMatch(/^o8uixypsN\ti:a\tk:b c\nhttp:/)
  })

  it.each([
    ['nothing', ''],
    ['no line', 'hP'],
    ['other words', 'garbage'],
    ['no time', 'P\nhttp://a/\n\n{}'],
    ['a time that is none', '1.5P\nhttp://a/\n\n{}'],
    ['a time beyond all dates', '10000000000P\nhttp://a/\n\n{}'],
    ['a negative time', '-5P\nhttp://a/\n\n{}'],
    ['no kind', 'h\nhttp://a/\n\n{}'],
    ['too long a kind', 'hPP\nhttp://a/\n\n{}'],
    ['no url line', 'hP\n'],
    ['no extras line', 'hP\nhttp://a/'],
    ['no payload line', 'hP\nhttp://a/\n'],
    ['extras that are no JSON', 'hP\nhttp://a/\n{"m":\n{}'],
    ['an empty url', 'hP\n\n\n{}'],
    ['extras that are null', 'hP\nhttp://a/\nnull\n{}'],
    ['no number where one is needed', 'hP\nhttp://a/\n{"t":"soon"}\n{}'],
    ['a list of waits that is none', 'hP\nhttp://a/\n{"w":"5"}\n{}'],
    ['an empty list of waits', 'hP\nhttp://a/\n{"w":[]}\n{}'],
    ['a list of statuses that is none', 'hP\nhttp://a/\n{"n":400}\n{}'],
    ['extras that are a list', 'hP\nhttp://a/\n["z"]\n{}'],
    ['a url of no scheme of ours', 'hX\nftp://a/\n\n{}'],
  ])('that is damaged is undefined, and of no version: %s', (_how, damaged) => {
    expect(readTask('a', damaged)).toBeUndefined()
    expect(isOfLaterVersion(damaged)).toBe(false)
  })

  it.each([
    ['a kind of another letter', 'hX\ti:a\nhttp://a/b\n\n\0packed', 'http://a'],
    ['an extra of another name', 'hP\ti:a\nhttp://a/b\n{"z":1,"f":"lane"}\n{}', 'lane'],
  ])('of a later version is told from damage, and its lane and its keys from the lines that stay: %s', (_how, text, flowKey) => {
    expect(readTask('a', text)).toBeUndefined()
    expect(isOfLaterVersion(text)).toBe(true)
    expect(unreadableTask('a', text)).toMatchObject({flowKey, createdAt: 17, dedupKeys: ['i:a'], payload: {text}})
  })

  it('is read or undefined, never an error, whatever is stored', () => {
    const whole = stored({...aTask(), createdAt: 17})
    fc.assert(
      fc.property(fc.string({unit: 'binary'}), (damaged) => {
        readTask('a', damaged)
        expect(isOfLaterVersion(damaged)).toBe(false)
      }),
    )
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length), fc.string({maxLength: 3}), (from, to, put) => {
        void readTask('a', whole.slice(0, from) + put + whole.slice(to))
      }),
    )
  })

  it('that cannot be read keeps its raw text where a body would be', () => {
    expect(unreadableTask('a', 'garbage', 'lane')).toMatchObject({
      id: 'a',
      payload: {kind: 'body', text: 'garbage', contentType: 'application/octet-stream'},
      flowKey: 'lane',
      dedupKeys: [],
    })
  })

  it('that cannot be read still has what its first line says', () => {
    const damaged = 'hX\ti:a\tk:b\n\thttp://a/'

    expect(readTask('a', damaged)).toBeUndefined()
    expect(unreadableTask('a', damaged)).toMatchObject({createdAt: 17, dedupKeys: ['i:a', 'k:b'], payload: {text: damaged}})
  })
})

describe('originOf', () => {
  it('is what URL says for every normalised http(s) URL', () => {
    const url = fc.webUrl({withQueryParameters: true, validSchemes: ['http', 'https']}).map((each) => new URL(each))
    fc.assert(
      fc.property(url, ({href, origin}) => {
        expect(originOf(href)).toBe(origin)
      }),
    )
    for (const each of ['http://h/', 'http://[::1]:8080/a/b', 'https://xn--mnchen-3ya.de:8443/?a=/']) {
      expect(originOf(each)).toBe(new URL(each).origin)
    }
  })
})

const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, {nil: null})
const ms = nullable(fc.nat())
const attempt: fc.Arbitrary<Attempt> = fc.record(
  {
    timing: fc.record({dnsMs: ms, connectMs: ms, tlsMs: ms, firstByteMs: ms}),
    attempt: fc.integer({min: 1}),
    startedAt: nullable(fc.nat()),
    durationMs: nullable(fc.nat()),
    status: nullable(fc.integer({min: 100, max: 999})),
    error: nullable(fc.constantFrom(...outcomeCodes)),
    message: nullable(text),
    response: nullable(text),
  },
  {requiredKeys: ['attempt', 'startedAt', 'durationMs', 'status', 'error', 'message', 'response']},
)
const run: fc.Arbitrary<Run> = fc.record(
  {
    attempts: fc.nat(),
    errors: fc.nat(),
    lostLeases: fc.nat(),
    history: fc.array(attempt, {maxLength: 20}),
    dueSince: fc.nat(),
  },
  {requiredKeys: ['attempts', 'errors', 'lostLeases', 'history']},
)

describe('a run', () => {
  it('reads back as it was written, whatever it holds', () => {
    fc.assert(
      fc.property(run, (each) => {
        expect(readRun(encodeRun(each))).toEqual(each)
      }),
    )
  })

  it('begins with a line of three numbers, which the scripts read', () => {
    expect(encodeRun({attempts: 12, errors: 3, lostLeases: 1, history: []})).toBe('12,3,1\n[]')
  })

  it.each([null, ''])('is new where there is none: %j', (nothing) => {
    expect(readRun(nothing)).toEqual(newRun)
  })

  it.each([
    '12,3,1',
    '12,3,1\n',
    '12,3,1\n[',
    '12,3,1\nnull',
    '12,3,1\n[5]',
    '12',
    '12,x,1\n[]',
    '12,3\n[]',
    '12,3,1,x\n[]',
    '12,3,1,4,5\n[]',
    '12,,1\n[]',
  ])('that is damaged keeps its attempts, since they fence: %j', (damaged) => {
    expect(readRun(damaged)).toEqual({...newRun, attempts: 12})
  })

  it.each(['garbage', 'x,1,2\n[]', ',1,2\n[]', '-3,1,2\n[]', '\n[]'])(
    'begins anew where not even those are left: %j',
    (damaged) => {
      expect(readRun(damaged)).toEqual(newRun)
    },
  )

  it('is read, never an error, whatever is stored', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({unit: fc.constantFrom(...Array.from('0123,\n[]-.e{}"'))})), (damaged) => {
        const {attempts, errors, lostLeases} = readRun(damaged)
        for (const count of [attempts, errors, lostLeases]) expect(count).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
