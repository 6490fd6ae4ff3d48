import {describe, expect, it} from 'vitest'

import {failureOf} from '../../src/dispatch/outcome-code.js'
import type {OutcomeCode} from '../../src/task/task.js'

const withCode = (code: string) => Object.assign(new Error('connect EHOSTUNREACH 10.0.0.1:80 /internal/path'), {code})
const connecting = {host: 'hook.test', secure: false, sent: false}
const handshaking = {...connecting, secure: true}
const answering = {...connecting, sent: true}

/** What no test can bring about on loopback. */
const rows: [code: string, context: typeof connecting, expected: OutcomeCode][] = [
  ['EHOSTUNREACH', connecting, 'connect_failed'],
  ['ENETUNREACH', connecting, 'connect_failed'],
  ['EADDRNOTAVAIL', connecting, 'connect_failed'],
  ['EMFILE', connecting, 'connect_failed'],
  ['ETIMEDOUT', connecting, 'connect_timeout'],
  ['ETIMEDOUT', answering, 'connection_reset'],
  ['EHOSTUNREACH', answering, 'connection_reset'],
  ['ECONNRESET', handshaking, 'connection_reset'],
  ['EPIPE', answering, 'connection_reset'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', {...answering, secure: true}, 'tls'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', handshaking, 'tls'],
  ['SUBJECT_ISSUER_MISMATCH', handshaking, 'tls'],
  ['whatever', connecting, 'internal'],
]

describe('an outcome code', () => {
  it.each(rows)('%s (%o) is %s', (code, context, expected) => {
    const failure = failureOf(withCode(code), context)

    expect(failure.code).toBe(expected)
    expect(failure.message).toContain('hook.test')
    expect(failure.message).not.toMatch(/10\.0\.0\.1|internal\/path/)
  })

  it('is found in what was thrown, whatever that is', () => {
    for (const thrown of [undefined, null, 'text', {}, new AggregateError([])]) {
      expect(failureOf(thrown, connecting).code).toBe('internal')
    }
  })

  it('says refused when one of several addresses refused', () => {
    const error = new AggregateError([withCode('ENETUNREACH'), withCode('ECONNREFUSED')])

    expect(failureOf(error, connecting).code).toBe('connect_refused')
  })
})
