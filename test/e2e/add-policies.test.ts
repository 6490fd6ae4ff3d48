import {describe, expect, it} from 'vitest'

import {add} from '../../src/index.js'
import {openReceiver} from '../support/receiver.js'
import {startServe} from '../support/serve.js'
import {openTorque} from '../support/torque.js'

const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

interface Added {
  id: string
  duplicate: boolean
  replaced?: true
}

describe('serve', () => {
  it('carries the trace of an add to every attempt, and has it in its log', async () => {
    const {env} = await openTorque()
    const receiver = await openReceiver((_call, index) => ({status: index === 0 ? 500 : 200}))
    const serve = await startServe(env, ['--min-backoff', '50ms', '--log-level', 'debug'])
    const headers = {'content-type': 'application/json', traceparent: parent, tracestate: 'a=1'}

    await fetch(`${serve.url}/tasks`, {method: 'POST', headers, body: JSON.stringify({url: receiver.url()})})

    const calls = await receiver.received(2)
    expect(calls.map(({headers: {traceparent, tracestate}}) => [traceparent, tracestate])).toEqual(Array(2).fill([parent, 'a=1']))
    const ended = await serve.untilLogged('an attempt has ended')
    expect(ended).toMatchObject({outcome: 'retry', status: 500, traceId: parent.slice(3, 35)})
  })

  it('adds once what is unique and replaces by key, through two doors at once, with each of them saying so', async () => {
    const {env, json, inspector} = await openTorque()
    const serves = await Promise.all([1, 2].map(() => startServe(env, ['--no-dispatch'])))
    const url = 'http://127.0.0.1:9/'
    const post = async (index: number, body: object) => {
      const request = {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)}
      const response = await fetch(`${serves[index % 2]!.url}/tasks`, request)
      return {status: response.status, ...((await response.json()) as Added)}
    }

    const answers = await Promise.all(Array.from({length: 200}, (_, index) => post(index, {url, unique: '10m'})))
    const [first, ...others] = answers.toSorted((one, other) => other.status - one.status)
    expect(first).toMatchObject({status: 201, duplicate: false})
    expect(new Set(others.map(({id, status, duplicate}) => `${id} ${status} ${duplicate}`))).toEqual(
      new Set([`${first!.id} 200 true`]),
    )
    expect(await add({url, unique: '10m'}, {url: serves[0]!.url})).toMatchObject({id: first!.id, duplicate: true})
    expect(await json(['add', url, '--unique', '10m'])).toMatchObject({id: first!.id, duplicate: true})

    const debounced = await post(0, {url, replace: 'k', delay: '1h'})
    expect(await post(1, {url, replace: 'k', delay: '2h'})).toMatchObject({status: 200, id: debounced.id, replaced: true})
    expect(await add({url, replace: 'k', delay: 1}, {url: serves[0]!.url})).toMatchObject({id: debounced.id, replaced: true})
    expect(await json(['add', url, '--replace', 'k', '--server', serves[1]!.url])).toMatchObject({replaced: true})
    expect(await json(['add', url, '--replace', 'k', '--id', 'x', '--dry-run'])).toMatchObject({error: {code: 'usage'}})
    expect((await inspector.stats()).totals.addedTotal).toBe(2)
  })
})
