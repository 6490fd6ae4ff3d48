import {describe, expect, it} from 'vitest'

import {firstObeyed, forgedLines, hostileText} from './support/hostile-text.js'
import {runProgram} from './support/torque.js'

const dist = new URL('../dist/', import.meta.url).href

/** What a logger writes to stderr for one event, in a process of its own. */
async function logged(options: object, details: string, message = `'an event'`): Promise<string> {
  const code = `
    import {createLogger} from '${dist}log.js'
    import {TorqueError} from '${dist}errors.js'
    const hostile = ${JSON.stringify(hostileText)}
    const log = await createLogger({level: 'info', color: false, ...${JSON.stringify(options)}})
    log.warn(${details}, ${message})`
  const {stderr, stdout} = await runProgram(process.execPath, ['--input-type=module', '-e', code])
  expect(stdout).toBe('')
  return stderr
}

const details = [
  ['a value', '{what: hostile}'],
  ['a name', '{[hostile]: 1}'],
  ['an error of ours', `{err: new TorqueError('failed', hostile, {cause: new Error(hostile)})}`],
  ['a bug', '{err: new Error(hostile)}'],
]

describe.each([
  ['JSON', {pretty: false}],
  ['text', {pretty: true}],
  ['text of a worker', {pretty: true, pid: 7}],
])('the log as %s', (_form, options) => {
  it.each(details)('is one line that nobody obeys, with %s', async (_what, given) => {
    const text = await logged(options, given)

    expect(text.trimEnd().split('\n')).toHaveLength(1)
    expect(firstObeyed(text)).toBeUndefined()
    expect(forgedLines(text)).toEqual([])
  })
})

describe('the log', () => {
  it('as JSON holds what was said', async () => {
    const line = JSON.parse(await logged({pretty: false}, '{what: hostile}')) as object

    expect(line).toMatchObject({level: 40, msg: 'an event', what: hostileText})
  })

  it('as text says when, how bad, who and what', async () => {
    expect(await logged({pretty: true, pid: 7}, '{queue: "mail"}')).toMatch(
      /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN \(7\): an event \{"queue":"mail"\}\n$/,
    )
    expect(await logged({pretty: true, color: true}, '{}')).toContain('\u001b[33mWARN\u001b[39m: an event\n')
  })

  it('escapes a message, too, should one ever quote somebody', async () => {
    const text = await logged({pretty: true}, '{}', 'hostile')

    expect([firstObeyed(text), forgedLines(text), text.trimEnd().split('\n').length]).toEqual([undefined, [], 1])
  })
})
