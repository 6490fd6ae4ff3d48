import {describe, expect, it} from 'vitest'

import {hasTerminal, runOnTerminal} from '../support/terminal.js'
import {openTorque} from '../support/torque.js'

const ctrlC = '\u0003'

describe.runIf(hasTerminal)('serve on a terminal', () => {
  it('says where it is and what to type next, and ends at Ctrl-C', async () => {
    const {env} = await openTorque()

    // The code is that of the shell in between, which Ctrl-C ends as well.
    const {screen} = await runOnTerminal(['serve', '-p', '0'], {env, answer: {to: 'torque stats', keys: ctrlC}})

    expect(screen).toMatch(/torque [\d.]+ takes tasks on http:\/\/127\.0\.0\.1:\d+; Ctrl-C stops it/)
    expect(screen).toContain('torque has stopped')
  })

  it('with workers says so once, and takes Ctrl-C, which reaches all of them, for one wish to end', async () => {
    const {env} = await openTorque()

    const {screen} = await runOnTerminal(['serve', '-p', '0', '--workers', '2'], {
      env,
      answer: {to: 'torque stats', keys: ctrlC},
    })

    expect(screen.match(/takes tasks on .* with 2 workers; Ctrl-C/g)).toHaveLength(1)
    expect(screen.match(/torque is ready/g)).toHaveLength(1)
    expect(screen).toContain('torque has stopped')
    expect(screen).not.toContain('a worker')
  })
})
