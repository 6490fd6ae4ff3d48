import {describe, expect, it} from 'vitest'

import {loadStyles} from '../../../src/cli/terminal/color.js'
import {describeCall} from '../../../src/cli/listen/print-call.js'

const call = {
  receivedAt: 0,
  method: 'POST',
  path: '/hooks/do/foo',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    'webhook-id': 'abc',
    'torque-attempt': '2',
    'torque-max-errors': '10',
  },
  body: Buffer.from('foo=some+value&baz=%1b%5b2J'),
  status: 200,
  verified: null,
  reason: null,
}

describe('describeCall', () => {
  it('decodes a form for a person, and shows what a terminal would obey', async () => {
    const text = describeCall(call, await loadStyles(false))

    expect(text.slice(9)).toBe(
      'POST /hooks/do/foo → 200  abc · attempt 2, 10 errors at most\n  foo = some value\n  baz = \\x1b[2J\n',
    )
  })

  it('cuts a long body and says how long it is', async () => {
    const text = describeCall({...call, headers: {}, body: Buffer.from('x'.repeat(5000))}, await loadStyles(false))

    expect(text.split('\n')[1]).toHaveLength(1002)
    expect(text).toContain('… (5000 bytes in all)')
  })

  it('says why a signature is bad', async () => {
    const text = describeCall({...call, headers: {}, verified: false, reason: 'no webhook-id header'}, await loadStyles(false))

    expect(text).toContain('signature bad: no webhook-id header')
  })
})
