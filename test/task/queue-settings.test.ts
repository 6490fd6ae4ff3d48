import {describe, expect, it} from 'vitest'

import {TorqueError} from '../../src/errors.js'
import {parseSettings, readPause, readSettings} from '../../src/task/queue-settings.js'

const parsed = (given: Record<string, string | null>) => [...parseSettings(Object.entries(given))]

describe('parseSettings', () => {
  it.each([
    ['50', '50'],
    ['50/s', '50'],
    ['0.5', '0.5'],
    ['120/m', '2'],
    ['36000/h', '10'],
    ['1/d', String(1 / 86_400)],
  ])('reads the rate %s as %s a second', (text, stored) => {
    expect(parsed({rate: text})).toEqual([['rate', stored]])
  })

  it.each(['', '0', '-1', '5/y', '5 /s', '1e3', '100001', 'Infinity'])('refuses %j for a rate', (text) => {
    expect(() => parsed({rate: text})).toThrow(TorqueError)
  })

  it.each(['0', '1.5', '-1', '1000000000', 'many'])('refuses %j for a number of tasks', (text) => {
    expect(() => parsed({concurrency: text})).toThrow(TorqueError)
  })

  it('takes away what is null or none', () => {
    expect(parsed({rate: 'none', timeout: null})).toEqual([
      ['rate', null],
      ['timeout', null],
    ])
  })

  it('has a list of waits displace a curve, and a curve a list', () => {
    expect(parsed({waits: '1s,2s'})).toEqual([
      ['waits', '1s,2s'],
      ...['minBackoff', 'maxBackoff', 'factor'].map((name) => [name, null]),
    ])
    expect(parsed({factor: '2'})).toEqual([
      ['factor', '2'],
      ['waits', null],
    ])
    expect(() => parsed({waits: '1s', factor: '2'})).toThrow(TorqueError)
  })
})

describe('readSettings', () => {
  it('passes over what no torque has written', () => {
    const flat = ['rate', '5', 'timeout', '3s', 'maxErrors', 'many', 'burst', 'big', 'colour', 'red', 'pausedAt', '1']

    expect(readSettings(flat)).toEqual({rate: 5, policy: {timeoutMs: 3000}})
  })
})

describe('readPause', () => {
  it('knows whether it is over', () => {
    const flat = ['pausedAt', '10', 'pausedUntil', '20', 'pauseReason', 'why']

    expect(readPause(flat, 19)).toEqual({at: 10, until: 20, reason: 'why'})
    expect(readPause(flat, 20)).toBeUndefined()
    expect(readPause([], 20)).toBeUndefined()
    expect(readPause(['pausedAt', '10'], 20)).toEqual({at: 10, until: null, reason: null})
  })
})

describe('who is told of an end', () => {
  it('is a URL, taken away by none, and part of the policy of the tasks', () => {
    expect([...parseSettings([['onDead', 'http://127.0.0.1:9/a']])]).toEqual([['onDead', 'http://127.0.0.1:9/a']])
    expect([...parseSettings([['onDelivered', 'none']])]).toEqual([['onDelivered', null]])
    expect(readSettings(['onDead', 'http://127.0.0.1:9/a']).policy).toEqual({onDead: 'http://127.0.0.1:9/a'})
    expect(() => parseSettings([['onDead', '/told']])).toThrowError(
      expect.objectContaining({code: 'invalid_url', field: 'onDead'}),
    )
  })
})
