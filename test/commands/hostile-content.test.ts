import {once} from 'node:events'
import {request} from 'node:http'
import {describe, expect, it} from 'vitest'

import type {Settlement} from '../../src/queue/scripts/settle.js'
import {claimOne, ended, keepAll} from '../support/attempts.js'
import {firstObeyed, forgedLines, hostileText} from '../support/hostile-text.js'
import {aTask} from '../support/tasks.js'
import {hasTerminal, runOnTerminal} from '../support/terminal.js'
import {openTorque, runTorque} from '../support/torque.js'

/** A dead task of which everything is hostile that a producer or a receiver may choose. */
async function openHostile() {
  const opened = await openTorque()
  const {queue} = opened
  const task = aTask({
    id: 'one',
    payload: {kind: 'body', text: hostileText, contentType: 'text/plain'},
    headers: {'x-note': 'a\u0085\u009b31m'},
  })
  await queue.add([
    task,
    aTask({id: 'two', payload: {kind: 'params', text: JSON.stringify({[hostileText]: hostileText})}, due: {delayMs: 60_000}}),
  ])
  const claim = await claimOne(queue)
  const failed = {
    attempt: 1,
    startedAt: 0,
    durationMs: 1,
    status: 500,
    error: 'http_status',
    message: `500 ${hostileText}`,
    response: hostileText,
  } as const
  const run = ended(claim, {errors: 1, history: [failed]})
  await queue.settle([{task: claim.task, attempt: claim.attempt, verdict: {op: 'bury', run}} satisfies Settlement], keepAll)
  return opened
}

/** Every command that shows what tasks hold, and everything that it is given which it may quote. */
const commandLines: string[][] = [
  ['list'],
  ['list', '--json'],
  ['list', '--ndjson'],
  ['show', 'one'],
  ['show', 'one', '--json'],
  ['show', 'two'],
  ['show', hostileText.replaceAll('\0', '')],
  ['errors'],
  ['errors', '--json'],
  ['export'],
  ['wait', 'one', '--json'],
  ['retry', 'one', '--dry-run'],
  ['purge', 'one', '--dry-run', '--json'],
  ['add', `http://127.0.0.1:9/${hostileText.replaceAll('\0', '')}`],
  ['add', 'http://127.0.0.1:9/', '--params', hostileText.replaceAll('\0', ''), '--json'],
  ['add', 'http://127.0.0.1:9/', '--header', hostileText.replaceAll('\0', '')],
  ['list', `--${hostileText.replaceAll('\0', '')}`],
  [hostileText.replaceAll('\0', '')],
  ['stats', '--queue', hostileText.replaceAll('\0', ''), '--json'],
]

describe('hostile content', () => {
  it('is escaped off a terminal, by every command that shows it', {timeout: 60_000}, async () => {
    const {torque} = await openHostile()

    const runs = await Promise.all(commandLines.map((args) => torque(args)))

    for (const [index, {stdout, stderr}] of runs.entries()) {
      const text = stdout + stderr
      expect([commandLines[index], text === '', firstObeyed(text), forgedLines(text)]).toEqual([
        commandLines[index],
        false,
        undefined,
        [],
      ])
    }
  })

  it.runIf(hasTerminal)('is escaped on a terminal', async () => {
    const {env} = await openHostile()
    const plain = {...env, NO_COLOR: '1'}

    for (const args of [['list'], ['show', 'one'], ['purge', '--all', '--dry-run'], ['retry', '--all', '--dry-run']]) {
      const {screen} = await runOnTerminal(args, {env: plain})

      expect([args, screen === '', firstObeyed(screen), forgedLines(screen)]).toEqual([args, false, undefined, []])
    }
  })

  it.each([[[]], [['--ndjson']]])('is escaped by listen %j', async (flags) => {
    const {stdout} = await runTorque(['listen', '-p', '0', ...flags], {
      during: (child) => {
        child.stderr!.on('data', (text: string) => {
          const url = /http:\S+/.exec(text)?.[0]
          if (url) void call(url).then(() => child.kill('SIGTERM'))
        })
      },
    })

    expect([stdout === '', firstObeyed(stdout.replaceAll('\t', ' ')), forgedLines(stdout)]).toEqual([false, undefined, []])
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  })
})

/** What no task of torque can be made to send, any other caller can. */
async function call(url: string): Promise<void> {
  const {hostname, port} = new URL(url)
  const headers = {'webhook-id': 'a\u0080\u009bb', 'torque-queue': 'q\u0085'}
  const asked = request({hostname, port, method: 'POST', headers})
  const [response] = await once(asked.end(hostileText), 'response')
  response.resume()
  await once(response, 'end')
}
