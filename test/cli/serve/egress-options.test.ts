import {describe, expect, it} from 'vitest'

import {type EgressFlags, egressOptions} from '../../../src/cli/serve/egress-options.js'
import {Settings} from '../../../src/cli/config/settings.js'

const defaults: EgressFlags = {egress: 'internal', 'system-dns': false, 'base-task-url-only': false}

function read(flags: Partial<EgressFlags>, env: NodeJS.ProcessEnv = {}) {
  const settings = new Settings({env, cwd: '/nowhere'})
  return egressOptions({...defaults, ...flags}, {env, setting: (name, flag) => settings.get(name, flag)})
}

describe('egressOptions', () => {
  it('names the base that all URLs must be under, where the flag or a setting wants it', () => {
    const flag = {'base-task-url-only': true}
    const base = {'base-task-url': 'HTTP://h:80/api/'}

    expect(read(base).onlyUnder).toBeUndefined()
    expect(read({...flag, ...base}).onlyUnder).toBe('http://h/api/')
    expect(read(flag, {TORQUE_BASE_TASK_URL: 'http://h'}).onlyUnder).toBe('http://h/')
    expect(read(base, {TORQUE_BASE_TASK_URL_ONLY: 'true'}).onlyUnder).toBe('http://h/api/')
    expect(read(base, {TORQUE_BASE_TASK_URL_ONLY: '0'}).onlyUnder).toBeUndefined()
  })

  it('takes the proxy from its flag or its own variable, and from no other', () => {
    const other = {
      HTTP_PROXY: 'http://other:1',
      http_proxy: 'http://other:2',
      https_proxy: 'http://other:3',
      ALL_PROXY: 'http://other',
    }

    expect(read({}, other).proxy).toBeUndefined()
    expect(read({'egress-proxy': 'http://Proxy.test:3128'}, other).proxy).toEqual({host: 'proxy.test', port: 3128})
    expect(read({}, {TORQUE_EGRESS_PROXY: 'http://u%40x:p%3Aw@[::1]'}).proxy).toEqual({
      host: '::1',
      port: 80,
      authorization: `Basic ${Buffer.from('u@x:p:w').toString('base64')}`,
    })
  })

  it.each([
    'proxy:3128',
    'https://proxy',
    'socks5://proxy',
    'http://proxy/path',
    'http://u:secret@proxy:3128',
    'http://:1',
    'http://proxy:0',
  ])('refuses the proxy %s, and repeats no password', (proxy) => {
    expect(() => read({'egress-proxy': proxy})).toThrow(
      expect.objectContaining({code: 'invalid_option', message: expect.not.stringContaining('secret')}),
    )
  })

  it.each<[Partial<EgressFlags>, NodeJS.ProcessEnv, string]>([
    [{'base-task-url-only': true}, {}, 'usage'],
    [{'base-task-url-only': true, 'base-task-url': 'http://h/api'}, {}, 'invalid_option'],
    [{}, {TORQUE_EGRESS_PROXY: 'http://u:%zz@h'}, 'invalid_option'],
    [{'base-task-url': 'http://h'}, {TORQUE_BASE_TASK_URL_ONLY: 'maybe'}, 'invalid_option'],
  ])('refuses %j with %j', (flags, env, code) => {
    expect(() => read(flags, env)).toThrow(expect.objectContaining({code}))
  })
})
