import {describe, expect, it} from 'vitest'

import {openTorque, runJs, runProgram} from '../support/torque.js'

/** The packages, of those that cost, that a command has loaded when it ends. */
async function loaded(args: readonly string[], env: Record<string, string> = {}): Promise<string[]> {
  const register = `
    import {register} from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(\`
      import {writeSync} from 'node:fs'
      export async function load(url, context, next) { writeSync(2, 'loaded ' + url + '\\\\n'); return next(url, context) }
    \`))`
  const hook = `data:text/javascript,${encodeURIComponent(register)}`
  const {stderr} = await runProgram(process.execPath, ['--import', hook, runJs, ...args], {env})
  const urls = stderr.split('\n').filter((line) => line.startsWith('loaded '))
  const names = ['ioredis', 'undici', 'fastify', 'pino', 'chalk', 'cli-table3', 'ipaddr.js', '@oclif/plugin-help']
  expect(urls.length).toBeGreaterThan(3)
  return names.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`)))
}

describe('a command loads only what it needs', () => {
  it('--version nothing', async () => {
    expect(await loaded(['--version'])).toEqual([])
  })

  it('add what checks an address, and Redis only for a task that is right', async () => {
    const {env} = await openTorque()

    expect(await loaded(['add', 'nonsense'])).toEqual(['ipaddr.js'])
    expect(await loaded(['add', 'http://a.example/'], env)).toEqual(['ioredis', 'ipaddr.js'])
  })

  it('stats and list the way to Redis', async () => {
    const {env} = await openTorque()

    expect(await loaded(['stats'], env)).toEqual(['ioredis'])
    expect(await loaded(['list'], env)).toEqual(['ioredis'])
  })
})
