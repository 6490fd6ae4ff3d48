import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {makeCertificate} from '../support/certificate.js'
import {patiently} from '../support/patiently.js'
import {startServe} from '../support/serve.js'
import {openTorque, runTorque, scratchDir} from '../support/torque.js'

const target = 'http://127.0.0.1:9/'

/** Files of secrets for a `serve`, to be written anew. */
function secretFiles() {
  const dir = scratchDir()
  const write = (name: string, content: string) => {
    writeFileSync(join(dir, name), content)
    return join(dir, name)
  }
  return {dir, write}
}

async function statusWith(url: string, token: string): Promise<number> {
  // A connection of its own for each, so that with workers more than one is asked.
  return (await fetch(`${url}/stats`, {headers: {authorization: `Bearer ${token}`, connection: 'close'}})).status
}

describe('serve with files of tokens', () => {
  it.each([1, 2])('reads them again at SIGHUP, and keeps the old ones where the new are bad (workers: %i)', async (workers) => {
    const {env} = await openTorque()
    const {write} = secretFiles()
    const file = write('tokens', 'first\n')
    const serve = await startServe(env, ['--no-dispatch', '--workers', String(workers), '--auth-token-file', file])
    const {url} = serve
    expect(await statusWith(url, 'first')).toBe(200)

    write('tokens', '# rotated\nsecond\n')
    serve.child.kill('SIGHUP')
    await serve.untilLogged('tokens, certificate and signing secrets have been read again')

    await expect
      .poll(async () => new Set(await Promise.all([1, 2, 3, 4].map(() => statusWith(url, 'second')))), patiently)
      .toEqual(new Set([200]))
    expect(await statusWith(url, 'first')).toBe(401)

    write('tokens', 'sec ond\n')
    serve.child.kill('SIGHUP')
    const {err} = await serve.untilLogged('tokens, certificate and signing secrets cannot be read again')

    expect(JSON.stringify(err)).toContain('line 1: a line holds one token')
    expect(await statusWith(url, 'second')).toBe(200)
    expect(await serve.end('SIGTERM')).toBe(0)
  })
})

describe('serve on a unix socket', () => {
  it.each([1, 2])('takes tasks there and listens on no port, and takes over a dead one (workers: %i)', async (workers) => {
    const {env} = await openTorque()
    const path = join(scratchDir(), 's')
    const dead = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen('${path}', () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    await once(dead, 'exit')
    const serve = await startServe(env, [
      '--no-dispatch',
      '--workers',
      String(workers),
      '--listen',
      `unix:${path}`,
      '--listen-mode',
      '660',
    ])

    const added = await runTorque(['add', target, '--server', `unix:${path}`, '--json'])
    const twin = await runTorque(['serve', '--listen', `unix:${path}`, '--no-dispatch'], {env})

    expect(serve.logged('torque is ready')).toMatchObject({socket: `unix:${path}`})
    expect(serve.logged('torque is ready')).not.toHaveProperty('url')
    expect(JSON.parse(added.stdout)).toMatchObject({queue: 'default', duplicate: false})
    expect(statSync(path).mode & 0o777).toBe(0o660)
    expect(twin).toMatchObject({code: 1, stderr: expect.stringContaining('something listens there')})
    expect(await serve.end('SIGTERM')).toBe(0)
    expect(existsSync(path)).toBe(false)
  })
})

describe('serve with a certificate', () => {
  it('takes tasks from add --server over TLS, from whoever trusts its authority', async () => {
    const {env} = await openTorque()
    const {write} = secretFiles()
    const authority = makeCertificate(['an authority'], {isAuthority: true})
    const {cert, key} = makeCertificate(['localhost'], {issuer: authority})
    const files = ['--tls-cert', write('cert', cert), '--tls-key', write('key', key)]
    const {url} = await startServe(env, ['--no-dispatch', '--host', 'localhost', ...files])
    const add = (extra: Record<string, string>) =>
      runTorque(['add', target, '--server', url.replace(/127\.0\.0\.1|\[::1\]/, 'localhost')], {env: extra})

    const trusting = await add({NODE_EXTRA_CA_CERTS: write('ca', authority.cert)})
    const others = await add({})

    expect(trusting).toMatchObject({code: 0, stderr: ''})
    expect(others).toMatchObject({code: 69, stdout: '', stderr: expect.stringContaining('NODE_EXTRA_CA_CERTS')})
  })
})
