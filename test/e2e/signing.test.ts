import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {verify} from '../../src/index.js'
import {openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque, scratchDir} from '../support/torque.js'

const [first, second, billing] = [1, 2, 3].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`)

describe('serve with a file of signing secrets', () => {
  it('signs calls with them, those of a queue with its own, and goes by new ones at SIGHUP', async () => {
    const {env, json} = await openTorque()
    const receiver = await openReceiver()
    const file = join(scratchDir(), 'secrets')
    writeFileSync(file, `# current first\n${first}\nbilling ${billing}\n`)
    const serve = await startServe(env, ['--workers', '2', '--signing-secret-file', file])
    const call = async (...flags: string[]) => {
      const count = receiver.calls.length + 1
      await json(['add', receiver.url(), '--json-body', '{"a":1}', ...flags])
      return (await receiver.received(count)).at(-1)!
    }
    const signs = (secret: string | undefined, {body, headers}: Awaited<ReturnType<typeof call>>) =>
      verify(body, headers, secret!).id

    expect(signs(first, await call('--id', 'one'))).toBe('one')
    expect(signs(billing, await call('--id', 'two', '-q', 'billing'))).toBe('two')

    writeFileSync(file, `${second} ${first}\n`)
    serve.child.kill('SIGHUP')
    await serve.untilLogged('tokens, certificate and signing secrets have been read again')

    const rotated = async () => (await call()).headers['webhook-signature']
    await expect.poll(rotated, {timeout: 10_000}).toMatch(/^v1,\S+ v1,\S+$/)
    const last = receiver.calls.at(-1)!
    for (const secret of [first, second]) expect(signs(secret, last)).toBe(last.headers['webhook-id'])
    expect(JSON.stringify(serve.log)).not.toContain('whsec_')
    expect(await serve.end('SIGTERM')).toBe(0)
  })

  it.each([
    ['nothing', '# none\n', 'has no secret in it'],
    ['a secret that is none', `whsec_${'x'.repeat(9)}\n`, 'line 1: the secret'],
    ['a queue without a secret', 'billing\n', 'line 1: no secret given'],
    ['a secret without its prefix', `\n${first!.slice(6)}\n`, 'line 2 begins neither with whsec_ nor with the name of a queue'],
  ])('refuses one with %s, and does not quote it', async (_what, content, message) => {
    const {torque} = await openTorque()
    const file = join(scratchDir(), 'secrets')
    writeFileSync(file, content)

    const {code, stderr} = await torque(['serve', '-p', '0', '--signing-secret-file', file])

    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining(message)})
    expect(stderr).not.toContain(first!.slice(6))
    expect(stderr).not.toContain('xxxx')
  })
})
