import {once} from 'node:events'
import {Agent, request} from 'node:http'
import {connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it, onTestFinished} from 'vitest'

import {errorOf, openEndpoint, sendRaw} from '../support/endpoint.js'

const form = 'url=http%3A%2F%2F127.0.0.1%3A9%2F&params=%7B%22foo%22%3A+%22somevalue%22%2C+%22baz%22%3A+99%7D'
const length = `Content-Length: ${form.length}`

describe('a slow request', () => {
  const timeouts = {headersMs: 200, requestMs: 400, checkEveryMs: 20}

  it.each([
    ['headers', 'POST /hooks/add HTTP/1.1\r\nHost: loc'],
    ['body', `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\nurl=`],
  ])('whose %s never end is answered 408 and closed', async (_what, bytes) => {
    const {port, tasks, bugs} = await openEndpoint({timeouts})

    expect(errorOf(await sendRaw(port, bytes))).toEqual({status: 408, code: 'request_timeout'})
    expect([tasks, bugs]).toEqual([[], []])
  })
})

describe('connections', () => {
  it('are kept and used again', async () => {
    const {port} = await openEndpoint()
    const agent = new Agent({keepAlive: true, maxSockets: 1})
    onTestFinished(() => agent.destroy())
    const sockets = new Set<unknown>()

    for (let count = 0; count < 3; count++) {
      const asked = request({
        port,
        host: '127.0.0.1',
        path: '/hooks/add',
        method: 'POST',
        agent,
        headers: {'content-length': form.length},
      }).end(form)
      const [response] = await once(asked, 'response')
      sockets.add(asked.socket)
      await once(response.resume(), 'end')
    }

    expect(sockets.size).toBe(1)
  })

  it('beyond the most at once are turned away, and the others served', async () => {
    const {port, ask} = await openEndpoint({maxConnections: 5})
    const sockets = Array.from({length: 40}, () => connect(port, '127.0.0.1').on('error', () => {}))
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()))

    // Those that are turned away are closed at once.
    await Promise.all(sockets.slice(5).map((socket) => once(socket.resume(), 'close')))
    sockets[0]!.destroy()
    await once(sockets[0]!, 'close')

    await expect.poll(async () => (await ask('/healthz').catch(() => null))?.status).toBe(200)
  })

  it.each([
    ['rests', `GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`],
    ['is slow with its body', `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\nurl=`],
  ])('make way, where there is no room, when one %s', async (_what, bytes) => {
    const {port, tasks, bugs} = await openEndpoint({maxConnections: 3})
    const holders = Array.from({length: 3}, () => connect(port, '127.0.0.1').on('error', () => {}))
    for (const holder of holders) holder.write(bytes)
    onTestFinished(() => holders.forEach((holder) => holder.destroy()))
    // Until each has been heard.
    if (bytes.startsWith('GET')) await Promise.all(holders.map((holder) => once(holder, 'data')))
    else await sendRaw(port, 'x').then(() => sleep(50))

    const raws: string[] = []
    for (let count = 0; count < 4; count++)
      raws.push(
        await sendRaw(port, `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${length}\r\n\r\n${form}`),
      )

    expect(raws.map((raw) => errorOf(raw).status)).toEqual([200, 200, 200, 200])
    expect([tasks.length, bugs]).toEqual([4, []])
  })

  it('that wait for their answer are never cut off for another', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    let begun = 0
    const {port} = await openEndpoint({
      maxConnections: 3,
      add: async (queue, tasks) => {
        begun++
        await held
        return tasks.map(({id}) => ({id, queue, state: 'ready', dueAt: 0, duplicate: false}))
      },
    })
    const post = `POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${length}\r\n\r\n${form}`
    const answers = Array.from({length: 3}, () => sendRaw(port, post))
    await expect.poll(() => begun).toBe(3)

    const others = await Promise.all(Array.from({length: 5}, () => sendRaw(port, post).catch(() => '')))
    release()

    expect(others).toEqual(['', '', '', '', ''])
    expect((await Promise.all(answers)).map((raw) => errorOf(raw).status)).toEqual([200, 200, 200])
  })
})
