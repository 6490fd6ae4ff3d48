import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {request} from 'node:https'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {describe, expect, it} from 'vitest'

import {makeCertificate} from '../support/certificate.js'
import {openOwnRedis} from '../support/own-redis.js'
import {patiently} from '../support/patiently.js'
import {ServeProcess} from '../support/serve.js'
import {cleanEnv, runJs, runTorque, scratchDir} from '../support/torque.js'

/** Each unlike any other text there is. */
const secret = {
  redis: 'hidden-redis-password',
  admin: 'hidden-admin-token',
  nextAdmin: 'hidden-next-admin-token',
  add: 'hidden-add-token',
  queueAdd: 'hidden-queue-add-token',
  wrong: 'hidden-wrong-token',
  malformed: 'hidden-malformed token',
  signing: 'whsec_aGlkZGVuaGlkZGVuaGlkZGVuaGlkZGVu',
}

const {commands} = JSON.parse(readFileSync(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as {commands: object}

/** Those that come to an end by themselves, and what they need to begin. */
const commandLines = Object.keys(commands)
  .filter((id) => !['serve', 'listen', 'tail', 'wait', 'help', 'redis:install'].includes(id))
  .map((id) => [...id.split(':'), ...(/^(show|why)$/.test(id) ? ['none'] : []), ...(id === 'add' ? ['http://127.0.0.1:9/'] : [])])

const processes = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name))

/** The arguments of every process of this machine, as `ps` shows them. */
function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

async function ask(url: string, token: string, ca: string): Promise<string> {
  const asked = request(url, {ca, servername: 'localhost', headers: {authorization: `Bearer ${token}`}}).end()
  const [response] = await once(asked, 'response')
  return text(response)
}

describe('secrets', () => {
  it('are in no log, error, answer, document or argument of a process', {timeout: 60_000}, async () => {
    const redis = await openOwnRedis('--requirepass', secret.redis)
    const dir = scratchDir()
    const write = (name: string, content: string) => {
      writeFileSync(join(dir, name), content)
      return join(dir, name)
    }
    const {cert, key} = makeCertificate(['localhost'])
    const url = redis.url.replace('unix://', `unix://:${secret.redis}@`)
    const env = {
      TORQUE_SIGNING_SECRET: secret.signing,
      TORQUE_AUTH_TOKEN: secret.admin,
      TORQUE_ADD_TOKEN: secret.add,
      NODE_EXTRA_CA_CERTS: write('ca', cert),
    }
    const tokens = write('tokens', `${secret.nextAdmin}\n`)
    const files = ['--auth-token-file', tokens, '--add-token-file', write('add', `${secret.queueAdd} mail\n`)]
    const tls = ['--tls-cert', write('cert', cert), '--tls-key', write('key', key)]
    const said: string[] = []

    const flags = [
      '-p',
      '0',
      '--redis',
      url,
      '--log-level',
      'debug',
      '--shutdown-timeout',
      '1s',
      '--workers',
      '2',
      ...files,
      ...tls,
    ]
    const serve = new ServeProcess(flags, env)
    await serve.untilLogged('torque is ready')
    const shown = processes().map(argumentsOf)

    const server = serve.url.replace('127.0.0.1', 'localhost')
    for (const token of [secret.admin, secret.wrong, secret.queueAdd])
      for (const path of ['/stats', '/tasks', '/hooks/add', '/nowhere', '/healthz'])
        said.push(await ask(serve.url + path, token, cert))

    const runs = await Promise.all([
      runTorque(['add', 'http://127.0.0.1:9/', '--server', server], {env: {...env, TORQUE_AUTH_TOKEN: secret.wrong}}),
      runTorque(['add', 'http://127.0.0.1:9/', '--server', server, '--json'], {
        env: {...env, TORQUE_AUTH_TOKEN: secret.malformed},
      }),
      runTorque(['add', 'http://127.0.0.1:9/', '--server', `https://user:${secret.wrong}@localhost/`], {env}),
      runTorque(['serve', '--auth-token-file', write('bad', secret.malformed)], {env}),
      runTorque(['serve', '--redis', `http://:${secret.redis}@h/`], {env}),
      runTorque(['listen', '-p', '0', '--verify', `${secret.signing}!`], {env}),
      runTorque(['stats', '--redis', url.replace('redis.sock', 'none')], {env}),
      runTorque(['list', '--json', '--redis', url.replace('hidden', 'no')], {env}),
      ...commandLines.map((words) => runTorque(words, {env: {...env, TORQUE_REDIS_URL: url}})),
    ])

    write('tokens', secret.malformed)
    serve.child.kill('SIGHUP')
    await serve.untilLogged('tokens, certificate and signing secrets cannot be read again')
    await redis.kill()
    await expect.poll(() => serve.log.some(({level}) => Number(level) >= 40), patiently).toBe(true)
    await serve.end('SIGTERM')

    const texts = [
      ...said,
      ...runs.flatMap(({stdout, stderr}) => [stdout, stderr]),
      ...serve.log.map((line) => JSON.stringify(line)),
      ...shown,
    ]
    expect(texts.filter((each) => [/hidden-/, secret.signing, key.slice(40, 80)].some((one) => each.search(one) >= 0))).toEqual(
      [],
    )
    expect(shown.some((each) => each.startsWith('torque serve -p 0 --redis unix://***@'))).toBe(true)
    expect(runs.filter(({stdout, stderr}) => stdout + stderr === '').length).toBeLessThan(runs.length / 2)
  })

  it('of a command line are out of sight while it runs', async () => {
    const child = spawn(process.execPath, [runJs, 'listen', '-p', '0', '--verify', secret.signing], {
      env: cleanEnv(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await new Promise<void>((resolve) => child.stderr.once('data', () => resolve()))

    const shown = argumentsOf(String(child.pid))
    child.kill('SIGKILL')

    expect(shown).toContain('torque listen -p 0 --verify ***')
    expect(shown).not.toContain('whsec_')
  })
})
