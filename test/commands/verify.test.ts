import {createHmac} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {explainSignature} from '../../src/cli/signature/explain-signature.js'
import {runTorque, scratchDir} from '../support/torque.js'

// The vector that Standard Webhooks publishes.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"test": 2432232314}'
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const now = 1614265330_000
const key = Buffer.from(secret.slice(6), 'base64')
const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
const digest = (by: Buffer | string, text = body) =>
  createHmac('sha256', by).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`).digest()

function explain(changes: {headers?: Record<string, string>; body?: string; secrets?: string[]; now?: number} = {}) {
  const given = {secrets: [secret], now, toleranceSec: 300, ...changes}
  return explainSignature({...given, headers: {...headers, ...changes.headers}, body: Buffer.from(changes.body ?? body)})
}

describe('explainSignature', () => {
  it('says what is signed, and with which of the secrets', () => {
    expect(explain({secrets: [other, secret]})).toEqual({
      valid: true,
      id: headers['webhook-id'],
      timestamp: 1614265330,
      secret: 2,
      problems: [],
    })
  })

  it.each<[string, Parameters<typeof explain>[0], RegExp]>([
    ['no signature', {headers: {'webhook-signature': ''}}, /no webhook-signature header/],
    ['no id', {headers: {'webhook-id': ''}}, /no webhook-id header/],
    ['an id with a dot', {headers: {'webhook-id': 'a.b'}}, /has a dot/],
    ['another version only', {headers: {'webhook-signature': 'v1a,x'}}, /no entry that begins with "v1,"/],
    ['a timestamp in ms', {headers: {'webhook-timestamp': '1614265330000'}}, /counts milliseconds/],
    ['a timestamp that is none', {headers: {'webhook-timestamp': 'now'}}, /not a number of seconds/],
    ['an old one', {now: now + 301_000}, /301 s old, more than 300 s/],
    ['one of the future', {now: now - 400_000}, /400 s in the future/],
    ['a line end too many', {body: `${body}\n`}, /a line end too many/],
    [
      'JSON written again',
      {headers: signedBy(digest(key, '{"test":2432232314}').toString('base64'))},
      /parsed and written again/,
    ],
    ['no body', {headers: signedBy(digest(key, '').toString('base64'))}, /signed without a body/],
    [
      'the text of the secret as key',
      {headers: signedBy(digest(secret).toString('base64'))},
      /the text of the secret with its prefix/,
    ],
    ['hex', {headers: signedBy(digest(key).toString('hex'))}, /written in hex/],
    ['base64url', {headers: signedBy(digest(key).toString('base64url'))}, /base64url/],
    ['the body alone', {headers: signedBy(createHmac('sha256', key).update(body).digest('base64'))}, /of the body alone/],
    ['another secret', {secrets: [other]}, /does not match: another secret/],
  ])('says what is wrong with %s', (_what, changes, problem) => {
    const {valid, problems} = explain(changes)

    expect(valid).toBe(false)
    expect(problems[0]).toMatch(problem)
  })

  it('says all that is wrong at once', () => {
    expect(explain({headers: {'webhook-id': ''}, now: now + 1e9}).problems).toHaveLength(2)
  })
})

function signedBy(value: string) {
  return {'webhook-signature': `v1,${value}`}
}

const given = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`])

describe('torque verify', () => {
  it('is content with a good signature, the secret in the environment and the body in a file or on the standard input', async () => {
    const file = join(scratchDir(), 'body')
    writeFileSync(file, body)
    const env = {TORQUE_SIGNING_SECRET: `${other} ${secret}`}
    const args = ['verify', ...given, '--at', '1614265330', '--body-file']

    const runs = [await runTorque([...args, file], {env}), await runTorque([...args, '-'], {env, stdin: body})]

    const good = {code: 0, stdout: `${headers['webhook-id']}\t1614265330\t2\n`, stderr: ''}
    expect(runs).toEqual([good, good])
  })

  it('ends with 4 where it is not good, and says why, with --json too', async () => {
    const args = ['verify', '--secret', secret, ...given, '--body', body]

    const [plain, json] = [await runTorque(args), await runTorque([...args, '--json'])]

    expect(plain).toMatchObject({code: 4, stdout: '', stderr: expect.stringContaining('s old, more than 300 s')})
    expect(json.code).toBe(4)
    expect(JSON.parse(json.stdout)).toMatchObject({valid: false, secret: 1, problems: [expect.stringContaining('old')]})
    expect(plain.stderr + json.stdout).not.toContain(secret.slice(6))
  })

  it.each([
    [['--body', 'x']],
    [['--secret', 'password']],
    [['--secret', secret, '--header', 'webhook-id']],
    [['--secret', secret, '--body-file', '/nonexistent']],
    [['--secret', secret, '--at', 'noon']],
  ])('refuses %j', async (args) => {
    const {code, stdout, stderr} = await runTorque(['verify', ...args])

    expect({code, stdout}).toEqual({code: 2, stdout: ''})
    expect(stderr).not.toContain('password')
  })
})
