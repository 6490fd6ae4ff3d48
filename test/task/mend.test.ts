import {describe, expect, it} from 'vitest'

import {encodeTask, readTask} from '../../src/task/codec.js'
import {EgressPolicy} from '../../src/task/address.js'
import {type ChangeFields, mendTask, parseChanges} from '../../src/task/mend.js'
import type {Task} from '../../src/task/task.js'

const task: Task = {
  id: 'one',
  url: 'http://old.example/hooks?x=1',
  method: 'PUT',
  payload: {kind: 'json', text: '{"a": 1.0}'},
  headers: {'x-team': 'a', 'x-old': '1'},
  flowKey: 'http://old.example',
  createdAt: 1000,
  maxErrors: 3,
  dedupKeys: ['i:one'],
}

const mend = (fields: ChangeFields, of = task) => mendTask(of, parseChanges(fields, {baseTaskUrl: 'http://base.example/'}))

describe('a mended task', () => {
  it('has the new url, and the lane of its target', () => {
    expect(mend({url: 'HTTP://New.example:80/x#y'})).toEqual({
      ...task,
      url: 'http://new.example/x',
      flowKey: 'http://new.example',
    })
    expect(mend({url: '/rel'}).url).toBe('http://base.example/rel')
  })

  it('keeps a flow key of its own', () => {
    expect(mend({url: 'http://new.example/'}, {...task, flowKey: 'mine'}).flowKey).toBe('mine')
  })

  it('has the headers that are set, none that are taken away, and all others', () => {
    const {headers} = mend({
      headers: [
        ['X-Team', 'b'],
        ['X-OLD', null],
        ['x-new', ' c '],
      ],
    })

    expect(headers).toEqual({'x-team': 'b', 'x-new': 'c'})
  })

  it('has the new timeout, and is else as it was', () => {
    expect(mend({timeout: '90s'})).toEqual({...task, timeoutMs: 90_000})
    expect(mend({})).toEqual(task)
  })

  it('is stored as what it is', () => {
    const mended = mend({url: 'http://new.example/', headers: [['x-new', 'é']], timeout: '5s'})

    expect(readTask('one', `rs${encodeTask(mended)}`)).toEqual(mended)
  })

  it('is refused where its headers become too many', () => {
    const headers = Object.fromEntries(Array.from({length: 64}, (_, index) => [`x-${index}`, '1']))

    expect(() => mend({headers: [['x-more', '1']]}, {...task, headers})).toThrow(
      expect.objectContaining({code: 'invalid_headers'}),
    )
  })

  it.each<[ChangeFields, string]>([
    [{url: ''}, 'invalid_url'],
    [{url: 'ftp://a/'}, 'invalid_url'],
    [{url: 'http://169.254.169.254/'}, 'egress_denied'],
    [{headers: [['host', 'a']]}, 'invalid_headers'],
    [{headers: [['x', 'a\nb']]}, 'invalid_headers'],
    [{headers: [['bad name', null]]}, 'invalid_headers'],
    [
      {
        headers: [
          ['x', '1'],
          ['X', '2'],
        ],
      },
      'invalid_headers',
    ],
    [
      {
        headers: [
          ['x', '1'],
          ['X', null],
        ],
      },
      'invalid_headers',
    ],
    [{timeout: '1ms'}, 'invalid_timeout'],
    [{timeout: 'soon'}, 'invalid_timeout'],
  ])('is never made with %j: %s', (fields, code) => {
    expect(() => parseChanges(fields, {egress: new EgressPolicy({mode: 'internal'})})).toThrow(expect.objectContaining({code}))
  })
})
