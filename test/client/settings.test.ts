import {afterEach, describe, expect, it, vi} from 'vitest'

import {currentServer} from '../../src/client/settings.js'
import {add, configure} from '../../src/index.js'

afterEach(() => {
  vi.unstubAllEnvs()
  configure({url: undefined, token: undefined, timeoutMs: undefined, retries: undefined})
})

const hrefAndToken = () => [currentServer().url.href, currentServer().token]

describe('the settings of the client', () => {
  it('default to a serve on this machine, without a token', () => {
    expect(hrefAndToken()).toEqual(['http://localhost:8090/', undefined])
  })

  it('come from the environment as it is at the call', () => {
    vi.stubEnv('TORQUE_URL', 'https://torque.example')
    vi.stubEnv('TORQUE_ADD_TOKEN', 'may-add\n')
    expect(hrefAndToken()).toEqual(['https://torque.example/', 'may-add'])

    vi.stubEnv('TORQUE_AUTH_TOKEN', 'may-all')
    expect(hrefAndToken()).toEqual(['https://torque.example/', 'may-all'])
  })

  it('come from configure before the environment, and from the call before both', () => {
    vi.stubEnv('TORQUE_URL', 'https://torque.example')
    configure({url: 'http://one.example'})
    configure({token: 'secret'})

    expect(hrefAndToken()).toEqual(['http://one.example/', 'secret'])
    expect(currentServer({url: 'http://two.example', token: undefined})).toMatchObject({
      token: 'secret',
      url: {host: 'two.example'},
    })
  })

  it.each([
    [{url: 'localhost:8090'}],
    [{url: 'ftp://localhost/'}],
    [{url: 'http://me:pass@localhost/'}],
    [{token: 'two words'}],
    [{timeoutMs: 0}],
    [{timeoutMs: 2 ** 31}],
    [{retries: -1}],
    [{retries: 1.5}],
  ])('refuse %j and keep what they were', (settings) => {
    expect(() => configure(settings)).toThrow(expect.objectContaining({code: 'invalid_option'}))
    expect(hrefAndToken()).toEqual(['http://localhost:8090/', undefined])
  })

  it('never quote the token', () => {
    expect(() => configure({token: 'sec ret'})).toThrow(expect.not.objectContaining({message: expect.stringContaining('sec')}))
  })

  it('are named where they came from when they are wrong', () => {
    vi.stubEnv('TORQUE_URL', 'nowhere')
    expect(() => currentServer()).toThrow(/^TORQUE_URL must be http/)
    vi.stubEnv('TORQUE_URL', '')
    vi.stubEnv('TORQUE_ADD_TOKEN', 'two tokens')
    expect(() => currentServer()).toThrow(/^TORQUE_ADD_TOKEN must be /)
    expect(() => currentServer({token: 'two tokens'})).toThrow(/^the token must be /)
  })

  it('of another name are refused, so that a misspelt one does not pass', async () => {
    expect(() => configure({timeout: 5} as object)).toThrow(expect.objectContaining({code: 'invalid_option', field: 'timeout'}))
    await expect(add({url: 'http://localhost/'}, {Token: 'x'} as object)).rejects.toMatchObject({field: 'Token'})
  })

  it.each(['unix:relative', 'unix://host/path', 'unix:', 'unix:/a%ff'])('do not take %s for a socket', (url) => {
    expect(() => configure({url})).toThrow(expect.objectContaining({code: 'invalid_option', field: 'url'}))
  })
})
