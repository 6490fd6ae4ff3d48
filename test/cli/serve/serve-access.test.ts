import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {readCertificate, readTokens} from '../../../src/cli/serve/serve-access.js'
import {makeCertificate} from '../../support/certificate.js'
import {scratchDir} from '../../support/torque.js'

function file(content: string | Uint8Array): string {
  const path = join(scratchDir(), 'file')
  writeFileSync(path, content)
  return path
}

/** What a token file must not be taken for, and what is said of it. */
function refusal(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error).toMatchObject({code: 'invalid_option'})
    return (error as Error).message
  }
  throw new Error('it was taken')
}

describe('readTokens', () => {
  it('takes a token a line, and passes over blank lines and comments', () => {
    const flags = {'auth-token-file': file('# ours\r\n\r\nnew-one\r\n  old-one  \n\n# end')}

    expect(readTokens(flags, {})).toEqual({admin: ['new-one', 'old-one'], add: []})
  })

  it('takes a token and the queues it may add to', () => {
    const flags = {'add-token-file': file('any\nmailer mail sms\n\tbilling\tinvoices\n')}

    expect(readTokens(flags, {}).add).toEqual([
      {token: 'any'},
      {token: 'mailer', queues: ['mail', 'sms']},
      {token: 'billing', queues: ['invoices']},
    ])
  })

  it('takes several of the environment, with blanks between, besides those of files', () => {
    const flags = {'auth-token-file': file('a\n'), 'add-token-file': file('b\n')}
    const env = {TORQUE_AUTH_TOKEN: ' c  d\n', TORQUE_ADD_TOKEN: 'e'}

    expect(readTokens(flags, env)).toEqual({admin: ['a', 'c', 'd'], add: [{token: 'b'}, {token: 'e'}]})
    expect(readTokens({}, {})).toEqual({admin: [], add: []})
  })

  it.each([
    ['two on a line', 'hidden-a hidden-b\n', 'line 1: a line holds one token'],
    ['letters beyond ASCII', 'fine\nhidden-é\n', 'line 2: a token is printable ASCII'],
    ['a control character', 'hidden-\u0007\n', 'line 1: a token is printable ASCII'],
    ['a NUL', 'hidden-\u0000x\n', 'line 1: a token is printable ASCII'],
    ['a byte order mark', '\ufeffhidden-x\n', 'line 1: a token is printable ASCII'],
    ['a blank that is none of ASCII', 'hidden-\u00a0x\n', 'line 1: a token is printable ASCII'],
    ['far too long a one', 'hidden-'.repeat(600), 'at most 4096 characters'],
    ['nothing', ' \n\n', 'has no token in it'],
    ['only comments', '# hidden-x\n', 'has no token in it'],
  ])('refuses a file with %s, without saying the token', (_what, content, why) => {
    const message = refusal(() => readTokens({'auth-token-file': file(content)}, {}))

    expect(message).toContain(why)
    expect(message).not.toContain('hidden')
  })

  it('refuses what is no queue behind a token', () => {
    const message = refusal(() => readTokens({'add-token-file': file('hidden Mail\n')}, {}))

    expect(message).toContain('line 1: what follows the token must be names of queues')
    expect(message).not.toContain('hidden')
  })

  it.each([
    ['admin and add', {TORQUE_AUTH_TOKEN: 'hidden', TORQUE_ADD_TOKEN: 'hidden'}, ''],
    ['any queue and one', {TORQUE_ADD_TOKEN: 'hidden'}, 'hidden mail\n'],
    ['two queues apart', {}, 'hidden mail\nhidden sms\n'],
  ])('refuses a token that is given twice, for %s', (_what, env, content) => {
    const flags = content === '' ? {} : {'add-token-file': file(content)}
    const message = refusal(() => readTokens(flags, env))

    expect(message).toBe('a token is given twice, with different rights')
  })

  it('names a variable, and not its value', () => {
    const message = refusal(() => readTokens({}, {TORQUE_ADD_TOKEN: 'hidden-ß'}))

    expect(message).toContain('TORQUE_ADD_TOKEN')
    expect(message).not.toContain('hidden')
  })

  it('says once which file it is, and what is wrong with it', () => {
    expect(refusal(() => readTokens({'auth-token-file': '/no/such'}, {}))).toBe(
      '--auth-token-file "/no/such" cannot be read: there is no such file',
    )
    expect(refusal(() => readTokens({'auth-token-file': '/tmp'}, {}))).toContain('it is a directory')
  })
})

describe('readCertificate', () => {
  const {cert, key} = makeCertificate(['localhost'])
  const read = (certText: string, keyText: string) => readCertificate({'tls-cert': file(certText), 'tls-key': file(keyText)})

  it('takes a chain and the key of its first certificate', () => {
    const chain = `${cert}${makeCertificate(['authority']).cert}`

    expect(read(chain, key)).toEqual({cert: chain, key})
    expect(readCertificate({})).toBeUndefined()
  })

  it('refuses what does not belong together, or is nothing of the kind', () => {
    expect(refusal(() => read('no', key))).toContain('--tls-cert')
    expect(refusal(() => read(cert, 'hidden'))).toMatch(/^--tls-key (?!.*hidden)/)
    expect(refusal(() => read(cert, makeCertificate(['localhost']).key))).toContain('is not the key')
    expect(() => readCertificate({'tls-cert': file(cert)})).toThrow('--tls-cert and --tls-key go together')
  })
})
