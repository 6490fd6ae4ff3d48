import {describe, expect, it} from 'vitest'

import {makeCertificate} from '../support/certificate.js'
import {callTo, openDeliverer} from '../support/deliverer.js'
import {openReceiver} from '../support/receiver.js'

describe('the timing of a call', () => {
  it('has the parts that a new connection needed, and is none over one that was there', async () => {
    const {cert, key} = makeCertificate(['localhost'])
    const receiver = await openReceiver({delayMs: 30}, {cert, key})
    const deliverer = openDeliverer({ca: cert})
    const url = `https://localhost:${receiver.port}/`

    const [first, second] = [await deliverer.deliver(callTo(url)), await deliverer.deliver(callTo(url))]

    const part = expect.any(Number) as number
    expect(first).toMatchObject({status: 200, timing: {dnsMs: part, connectMs: part, tlsMs: part, firstByteMs: part}})
    expect(first.timing!.firstByteMs).toBeGreaterThanOrEqual(29)
    expect(second).not.toHaveProperty('timing')
  })

  it('says how far a call had come that got no answer', async () => {
    const receiver = await openReceiver({hang: true})

    const outcome = await openDeliverer().deliver(callTo(receiver.url(), {}, {timeoutMs: 100}))

    expect(outcome).toMatchObject({error: 'timeout', timing: {connectMs: expect.any(Number) as number, firstByteMs: null}})
  })
})
