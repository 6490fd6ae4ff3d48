import {describe, expect, it} from 'vitest'

import {openReceiver} from './receiver.js'
import {openRawReceiver} from './raw-receiver.js'

describe('receiver', () => {
  it('keeps each call and answers what it is told', async () => {
    const receiver = await openReceiver((_call, index) => ({status: index === 0 ? 503 : 200, body: `answer ${index}`}))

    const first = await fetch(receiver.url('/a?b=1'), {method: 'POST', body: 'x=1'})
    const second = await fetch(receiver.url())

    expect([first.status, await first.text(), second.status, await second.text()]).toEqual([503, 'answer 0', 200, 'answer 1'])
    expect(await receiver.received(2)).toMatchObject([
      {method: 'POST', url: '/a?b=1', body: 'x=1'},
      {method: 'GET', url: '/', body: ''},
    ])
  })

  it('has a raw variant for answers no http server gives', async () => {
    const receiver = await openRawReceiver((socket) => socket.end('nonsense'))

    await expect(fetch(receiver.url())).rejects.toThrow('fetch failed')

    await receiver.idle()
    expect(receiver.requests[0]).toMatch(/^GET \/ HTTP\/1.1\r\n/)
  })
})
