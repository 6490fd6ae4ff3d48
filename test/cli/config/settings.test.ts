import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {Settings} from '../../../src/cli/config/settings.js'
import {scratchDir} from '../../support/torque.js'

function surroundings({here, user, env = {}}: {here?: string; user?: string; env?: NodeJS.ProcessEnv} = {}) {
  const cwd = scratchDir()
  const config = scratchDir()
  if (here !== undefined) writeFileSync(join(cwd, 'torque.config.json'), here)
  mkdirSync(join(config, 'torque'))
  if (user !== undefined) writeFileSync(join(config, 'torque', 'config.json'), user)
  return {cwd, env: {XDG_CONFIG_HOME: config, ...env}}
}

describe('settings', () => {
  it('come from the flag, then the environment, then the file here, then the one at home, then the default', () => {
    const env = {TORQUE_REDIS_URL: 'redis://env'}
    const files = {here: '{"redis":"redis://here"}', user: '{"redis":"redis://user","baseTaskUrl":"http://user"}'}
    const all = surroundings({...files, env})

    expect(new Settings(all).get('redis', 'redis://flag')).toBe('redis://flag')
    expect(new Settings(all).resolve('redis')).toEqual({value: 'redis://env', source: 'TORQUE_REDIS_URL'})
    const fromFiles = new Settings(surroundings(files))
    expect(fromFiles.get('redis')).toBe('redis://here')
    expect(fromFiles.get('baseTaskUrl')).toBe('http://user')
    expect(fromFiles.resolve('namespace')).toEqual({value: 'torque', source: 'default'})
  })

  it('take TORQUE_REDIS_URL before REDIS_URL, and an empty one for none', () => {
    const both = surroundings({env: {TORQUE_REDIS_URL: 'redis://a', REDIS_URL: 'redis://b'}})
    const empty = surroundings({env: {TORQUE_REDIS_URL: '', REDIS_URL: 'redis://b'}})

    expect(new Settings(both).get('redis')).toBe('redis://a')
    expect(new Settings(empty).get('redis')).toBe('redis://b')
  })

  it.each([
    ['an unknown key', '{"redsi":"redis://x"}', /unknown key "redsi"/],
    ['a value that is no text or number', '{"redis":["redis://x"]}', /"redis" must be/],
    ['JSON that is none', '{"redis":', /torque\.config\.json/],
    ['JSON that is no object', '[]', /must hold a JSON object/],
  ])('refuse a file with %s', (_what, here, message) => {
    expect(() => new Settings(surroundings({here}))).toThrow(message)
  })

  it('do without a home', () => {
    const {cwd} = surroundings()

    expect(new Settings({cwd, env: {}}).get('redis')).toBeUndefined()
  })
})
