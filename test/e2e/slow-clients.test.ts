import {readFileSync} from 'node:fs'
import {once} from 'node:events'
import {type IncomingMessage, request} from 'node:http'
import {type Socket, connect} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'
import {describe, expect, it, onTestFinished} from 'vitest'

import {patiently} from '../support/patiently.js'
import {openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque, runJs} from '../support/torque.js'

/** So few files may it open that it is out of them when half of these hold one. */
const files = 256

/** Clients that say this much and then hold on, each coming back as soon as it is shut out. */
function holdOn(port: number, count: number, bytes: string): void {
  const open = new Set<Socket>()
  let isOver = false
  const begin = () => {
    if (isOver) return
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    open.add(socket)
    socket.on('connect', () => socket.write(bytes))
    socket.on('close', () => {
      open.delete(socket)
      // Not at once: slow clients are meant here, and no flood.
      setTimeout(begin, 1_000 + 1_000 * Math.random())
    })
    socket.resume()
  }
  for (let started = 0; started < count; started++) begin()
  onTestFinished(() => {
    isOver = true
    for (const socket of open) socket.destroy()
  })
}

const memoryOf = (pid: number) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** Adds a task over a connection of its own. */
async function statusOf(port: number, form: string): Promise<number | undefined> {
  const asked = request({port, host: '127.0.0.1', path: '/hooks/add', method: 'POST', agent: false}).end(form)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

describe('many clients that are slow or silent', () => {
  it('keep neither a good producer nor the calls of hooks from their turn', {timeout: 60_000}, async () => {
    const {env} = await openTorque()
    const receiver = await openReceiver()
    const limited = ['bash', '-c', `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, runJs, 'serve']
    const serve = await startServe(env, [], limited)
    const port = Number(new URL(serve.url).port)
    const before = memoryOf(serve.child.pid!)
    holdOn(port, 200, '')
    holdOn(port, 200, 'POST /hooks/add HTTP/1.1\r\nHost: loc')
    holdOn(port, 200, 'POST /hooks/add HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nurl=')
    await sleep(1_500)

    const form = new URLSearchParams({url: receiver.url()}).toString()
    const add = () => statusOf(port, form).catch(() => 0)
    for (let added = 0; added < 5; added++) await expect.poll(add, patiently).toBe(200)
    await receiver.received(5)

    expect(serve.hasEnded).toBe(false)
    expect(memoryOf(serve.child.pid!) - before).toBeLessThan(100)
    expect(serve.log.filter(({level}) => Number(level) >= 50)).toEqual([])
    expect(await serve.end('SIGTERM')).toBe(0)
  })
})
