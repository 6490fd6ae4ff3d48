import {createHmac} from 'node:crypto'
import {describe, expect, it} from 'vitest'

import {verify} from '../../src/index.js'

// The vector that Standard Webhooks publishes.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"test": 2432232314}'
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const now = 1614265330_000
const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`

describe('verify', () => {
  it('accepts the published vector and says what was signed', () => {
    const verified = verify(body, headers, secret, {now})

    expect(verified).toEqual({id: headers['webhook-id'], sentAt: new Date(now)})
  })

  it.each<[string, () => unknown]>([
    ['bytes', () => verify(Buffer.from(body), headers, secret, {now})],
    ['a Headers object', () => verify(body, new Headers(headers), secret, {now})],
    ['names in any case', () => verify(body, upperCased(headers), secret, {now})],
    ['a secret without its prefix', () => verify(body, headers, secret.slice(6), {now})],
    ['one of several secrets', () => verify(body, headers, [other, secret], {now})],
    ['secrets separated by spaces', () => verify(body, headers, `${other} ${secret}`, {now})],
    ['one of several signatures', () => verify(body, signedWith('v1a,xx v1,AAAA ', headers), secret, {now})],
    ['a clock five minutes ahead', () => verify(body, headers, secret, {now: now + 300_000})],
    ['a clock five minutes behind', () => verify(body, headers, secret, {now: now - 300_000})],
    ['an old call when told to', () => verify(body, headers, secret, {now: now + 1e9, toleranceSec: Infinity})],
  ])('accepts %s', (_, check) => {
    expect(check).not.toThrow()
  })

  it.each<[string, () => unknown]>([
    ['another body', () => verify(`${body} `, headers, secret, {now})],
    ['another id', () => verify(body, {...headers, 'webhook-id': 'msg_x'}, secret, {now})],
    ['another timestamp', () => verify(body, {...headers, 'webhook-timestamp': '1614265331'}, secret, {now})],
    ['another secret', () => verify(body, headers, other, {now})],
    ['no signature', () => verify(body, {...headers, 'webhook-signature': undefined}, secret, {now})],
    ['no v1 signature', () => verify(body, {...headers, 'webhook-signature': 'v2,AAAA'}, secret, {now})],
    ['a signature cut short', () => verify(body, {...headers, 'webhook-signature': 'v1,g0hM'}, secret, {now})],
    ['an id given twice', () => verify(body, {...headers, 'webhook-id': ['a', 'b']}, secret, {now})],
    ['a timestamp that is none', () => verify(body, {...headers, 'webhook-timestamp': '1e9'}, secret, {now})],
    ['a call older than the tolerance', () => verify(body, headers, secret, {now: now + 301_000})],
    ['a call from the future', () => verify(body, headers, secret, {now: now - 301_000})],
  ])('refuses %s', (_, check) => {
    expect(check).toThrow(expect.objectContaining({name: 'TorqueError', code: 'invalid_signature', status: 401}))
  })

  it('refuses an id with a dot, which would shift where the timestamp begins', () => {
    const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
      .update(`a.1.${now / 1000}.x`)
      .digest('base64')
    const shifted = {'webhook-id': 'a.1', 'webhook-timestamp': String(now / 1000), 'webhook-signature': `v1,${signature}`}

    expect(() => verify('x', shifted, secret, {now})).toThrow(expect.objectContaining({code: 'invalid_signature'}))
  })

  it.each<[string, unknown]>([
    ['none', undefined],
    ['an empty one', ''],
    ['an empty list', []],
    ['a short one', 'whsec_c2hvcnQ='],
    ['a public key', 'whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['a bad one beside a good one', [secret, 'whsec_*']],
  ])('calls %s in place of the secret a mistake of its caller', (_, bad) => {
    expect(() => verify(body, headers, bad as string, {now})).toThrow(expect.objectContaining({code: 'invalid_option'}))
  })

  it('says so when the body was parsed already', () => {
    expect(() => verify(JSON.parse(body) as string, headers, secret, {now})).toThrow(/raw body/)
  })

  it('does not take NaN for a tolerance', () => {
    expect(() => verify(body, headers, secret, {now, toleranceSec: NaN})).toThrow(
      expect.objectContaining({code: 'invalid_option'}),
    )
  })
})

const upperCased = (all: Record<string, string>) =>
  Object.fromEntries(Object.entries(all).map(([name, value]) => [name.toUpperCase(), value]))
const signedWith = (before: string, all: typeof headers) => ({...all, 'webhook-signature': before + all['webhook-signature']})
