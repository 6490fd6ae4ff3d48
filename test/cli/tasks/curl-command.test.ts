import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {describe, expect, it} from 'vitest'

import {curlCommand} from '../../../src/cli/tasks/curl-command.js'
import type {Payload, Task} from '../../../src/task/task.js'
import {aTask} from '../../support/tasks.js'
import {openReceiver} from '../../support/receiver.js'

const hasCurl = await promisify(execFile)('curl', ['--version']).then(
  () => true,
  () => false,
)

function task(payload: Payload, overrides: Partial<Task> = {}): Task {
  const {queue: _queue, due: _due, fingerprint: _fingerprint, ...rest} = aTask({id: 'one', payload, ...overrides})
  return {...rest, createdAt: 0}
}

describe('curlCommand', () => {
  it('prints the call for a shell', () => {
    const command = curlCommand(task({kind: 'params', text: '{"a":"it\'s","b":[1.0,null]}'}), 'default')

    expect(command).toBe(
      "curl --globoff --request POST --header 'webhook-id: one' --header 'torque-queue: default' " +
        "--header 'content-type: application/x-www-form-urlencoded' --data-raw 'a=it%27s&b=1.0&b=' http://127.0.0.1:9/hooks/do/foo",
    )
  })

  it('puts the form of a GET behind what the URL has', () => {
    const get = task({kind: 'params', text: '{"b":"x y"}'}, {method: 'GET', url: 'http://a.example/?a=1'})

    expect(curlCommand(get, 'default')).toMatch(/ 'http:\/\/a\.example\/\?a=1&b=x\+y'$/)
    expect(curlCommand(get, 'default')).not.toContain('data')
  })

  it.runIf(hasCurl)('makes the call that the task means', async () => {
    const receiver = await openReceiver()
    const text = '{"tricky": "$(id) `id` \\u001b \'quoted\' \\\\ !"}'
    const put = task(
      {kind: 'json', text},
      {method: 'PUT', url: receiver.url('/a[1]{2}'), headers: {'x-empty': '', 'x-a': 'b; c'}},
    )

    await promisify(execFile)('bash', ['--norc', '-c', curlCommand(put, 'q')])

    expect(receiver.calls[0]).toMatchObject({method: 'PUT', url: '/a[1]{2}', body: text})
    expect(receiver.calls[0]?.headers).toMatchObject({'content-type': 'application/json', 'x-empty': '', 'x-a': 'b; c'})
  })
})
