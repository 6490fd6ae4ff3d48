import {describe, expect, it} from 'vitest'

import {newTask} from '../../src/task/new-task.js'
import {isTraceparent, isTracestate, traceOf} from '../../src/task/trace.js'

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const url = 'http://127.0.0.1:9/'

describe('isTraceparent', () => {
  it.each([parent, parent.replace(/01$/, 'ff'), `cc${parent.slice(2)}`, `cc${parent.slice(2)}-what-the-future-brings`])(
    'takes %s',
    (text) => {
      expect(isTraceparent(text)).toBe(true)
    },
  )

  it.each([
    '',
    parent.toUpperCase(),
    `ff${parent.slice(2)}`,
    `${parent}-more`,
    `${parent}, ${parent}`,
    parent.slice(1),
    parent.replace(/-[0-9a-f]{32}-/, `-${'0'.repeat(32)}-`),
    parent.replace('00f067aa0ba902b7', '0'.repeat(16)),
    ` ${parent}`,
  ])('refuses %j', (text) => {
    expect(isTraceparent(text)).toBe(false)
  })
})

describe('isTracestate', () => {
  it.each(['rojo=00f067aa0ba902b7', 'congo=t61rcWkgMzE, rojo=1', 'fw529a3039@dt=x;y', 'a=1,,b=2'])('takes %s', (text) => {
    expect(isTracestate(text)).toBe(true)
  })

  it.each(['a', '=1', 'a=1\r\nx: y', 'a=é', `a=${'x'.repeat(600)}`, 'A=1', Array(33).fill('a=1').join()])(
    'refuses %j',
    (text) => {
      expect(isTracestate(text)).toBe(false)
    },
  )
})

describe('a task with a trace', () => {
  it('carries it as headers of its calls, and is the same task with another', () => {
    const one = newTask({url, id: 'a', traceparent: parent, tracestate: 'a=1', headers: '{"x":"y"}'})
    const two = newTask({url, id: 'a', traceparent: parent.replace(/01$/, '00'), headers: '{"x":"y"}'})

    expect(one.headers).toEqual({x: 'y', traceparent: parent, tracestate: 'a=1'})
    expect(one.fingerprint).toBe(two.fingerprint)
    expect(traceOf(one)).toEqual({traceId: '4bf92f3577b34da6a3ce929d0e0e4736'})
    expect(traceOf(newTask({url}))).toEqual({})
  })

  it('goes by the header that is given for its calls', () => {
    const own = parent.replace(/01$/, '00')

    expect(newTask({url, traceparent: parent, headers: `{"traceparent":"${own}"}`}).headers).toEqual({traceparent: own})
  })

  it.each([{traceparent: 'x'}, {traceparent: parent, tracestate: 'x'}, {tracestate: 'a=1'}])('is refused with %j', (fields) => {
    expect(() => newTask({url, ...fields})).toThrowError(expect.objectContaining({code: 'invalid_trace'}))
  })
})
