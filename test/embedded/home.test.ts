import {describe, expect, it} from 'vitest'

import {checkSocketPath, homePaths, resolveHome, socketUrl} from '../../src/embedded/home.js'

describe('the home', () => {
  it.each([
    [{TORQUE_HOME: '/srv/torque', XDG_STATE_HOME: '/x', HOME: '/home/a'}, '/srv/torque'],
    [{XDG_STATE_HOME: '/x', HOME: '/home/a'}, '/x/torque'],
    [{XDG_STATE_HOME: 'relative', HOME: '/home/a'}, '/home/a/.local/state/torque'],
    [{TORQUE_HOME: '', XDG_STATE_HOME: '', HOME: '/home/a'}, '/home/a/.local/state/torque'],
  ])('of %j is %s', (env, home) => {
    expect(resolveHome(env)).toBe(home)
  })

  it('is an error that names TORQUE_HOME when there is no HOME', () => {
    expect(() => resolveHome({HOME: ''})).toThrow(expect.objectContaining({hint: expect.stringContaining('TORQUE_HOME')}))
  })

  it('refuses a path too long for a socket, naming TORQUE_HOME', () => {
    const paths = homePaths(`/tmp/${'x'.repeat(100)}`)

    expect(() => checkSocketPath(paths)).toThrow(
      expect.objectContaining({code: 'invalid_option', hint: expect.stringContaining('TORQUE_HOME')}),
    )
  })

  it('counts the path of the socket in bytes', () => {
    const longest = `/tmp/${'x'.repeat(91)}`

    expect(() => checkSocketPath(homePaths(longest))).not.toThrow()
    expect(() => checkSocketPath(homePaths(longest.replace('x', 'ü')))).toThrow()
  })

  it('has a socket URL in which odd characters survive', () => {
    const url = socketUrl('/tmp/a b#c?d%/redis.sock')

    expect(url).toMatch(/^unix:\/\/\/tmp\//)
    expect(decodeURIComponent(new URL(url).pathname)).toBe('/tmp/a b#c?d%/redis.sock')
  })
})
