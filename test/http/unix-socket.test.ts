import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, lstatSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {request} from 'node:http'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {describe, expect, it, onTestFinished} from 'vitest'

import {clearSocketPath} from '../../src/http/unix-socket.js'
import {newEndpoint} from '../support/endpoint.js'
import {openTestStore} from '../support/open-store.js'
import {scratchDir} from '../support/torque.js'

const newPath = () => join(scratchDir(), 's')

async function ask(socketPath: string, headers: Record<string, string> = {}): Promise<{status: number; body: string}> {
  const asked = request({socketPath, path: '/hooks/add', method: 'POST', headers}).end('url=http://127.0.0.1:9/')
  const [response] = await once(asked, 'response')
  return {status: response.statusCode, body: await text(response)}
}

async function openOnSocket(options: Partial<Parameters<typeof newEndpoint>[1]> & {mode?: number} = {}) {
  const {store} = await openTestStore({clock: undefined})
  const path = newPath()
  const {mode = 0o600, ...rest} = options
  const endpoint = newEndpoint(store, {host: undefined, socket: {path, mode}, ...rest})
  onTestFinished(() => endpoint.stop(0))
  return {endpoint, path, address: await endpoint.start()}
}

/** A socket that nobody listens on any more, since its process was killed. */
async function deadSocket(): Promise<string> {
  const path = newPath()
  const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  const child: ChildProcess = spawn(process.execPath, ['-e', code])
  await once(child, 'exit')
  expect(lstatSync(path).isSocket()).toBe(true)
  return path
}

describe('an endpoint on a unix socket', () => {
  it('takes tasks there, without a token, and its file is gone when it stops', async () => {
    const {endpoint, path, address} = await openOnSocket()

    const {status} = await ask(path)
    await endpoint.stop()

    expect(address).toEqual({socket: `unix:${path}`})
    expect(status).toBe(200)
    expect(existsSync(path)).toBe(false)
  })

  it.each([0o600, 0o660, 0o666])('is for those that the mode %o lets in', async (mode) => {
    const umask = process.umask()
    const {path} = await openOnSocket({mode})

    expect(statSync(path).mode & 0o777).toBe(mode)
    expect(process.umask()).toBe(umask)
  })

  it('listens on a port as well where it is told to', async () => {
    const {path, address} = await openOnSocket({host: '127.0.0.1', port: 0})

    expect((await ask(path)).status).toBe(200)
    expect((await fetch(`${address.url}/healthz`)).status).toBe(200)
  })

  it('asks for a token where there are any, and knows a page of a stranger', async () => {
    const {path} = await openOnSocket({tokens: {admin: ['root'], add: []}})
    const open = await openOnSocket()

    expect((await ask(path)).status).toBe(401)
    expect((await ask(path, {authorization: 'Bearer root'})).status).toBe(200)
    expect((await ask(open.path, {host: 'evil.example'})).status).toBe(403)
  })
})

describe('clearSocketPath', () => {
  it('takes away a socket that nobody listens on, and passes where there is nothing', async () => {
    const path = await deadSocket()

    await clearSocketPath(path)
    await clearSocketPath(path)

    expect(existsSync(path)).toBe(false)
  })

  it('leaves a socket alone that somebody listens on', async () => {
    const path = newPath()
    const server = createServer().listen(path)
    onTestFinished(() => void server.close())
    await once(server, 'listening')

    await expect(clearSocketPath(path)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('something listens'),
    })
    expect(existsSync(path)).toBe(true)
  })

  it('leaves alone what is no socket: a file, a directory, a link to a dead socket', async () => {
    const [file, link] = [newPath(), newPath()]
    writeFileSync(file, 'precious')
    symlinkSync(await deadSocket(), link)

    for (const path of [file, link, scratchDir()])
      await expect(clearSocketPath(path)).rejects.toMatchObject({message: expect.stringContaining('is no socket')})
    expect([existsSync(file), lstatSync(link).isSymbolicLink()]).toEqual([true, true])
  })
})
