import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

import {bringTo} from '../support/attempts.js'
import {patiently} from '../support/patiently.js'
import {aTask} from '../support/tasks.js'
import {openTorque, runProgram, runTorque, scratchDir} from '../support/torque.js'

const bin = fileURLToPath(new URL('../../bin', import.meta.url))

/** What one TAB leads to in each shell, printed as the shell gets it. */
const tab: Record<string, string> = {
  bash: 'eval "$(torque completion bash)"; COMP_LINE=$LINE COMP_POINT=${#LINE}; _torque; printf "%s\\n" "${COMPREPLY[@]}"',
  zsh: 'compdef() {}; _files() {}; _describe() { print -rl -- ${${(P)4}%%:*} }; eval "$(torque completion zsh)"; words=(${=LINE}); CURRENT=$#words; _torque',
  fish: 'torque completion fish | source; complete -C"$LINE" | cut -f1',
}
const isHere = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0

describe.each(Object.keys(tab).filter(isHere))('completion for %s', (shell) => {
  it('has recent ids of every state', async () => {
    const {env, queue} = await openTorque()
    await bringTo('dead', queue, {id: 'inv-dead'})
    await queue.add([aTask({id: 'inv-new'}), aTask({id: 'other'})])
    const candidates = async () => {
      const options = {env: {...env, HOME: scratchDir(), LINE: 'torque show inv-', PATH: `${bin}:${process.env['PATH']}`}}
      // fish makes itself a home, and has an order of its own.
      return (await runProgram(shell, ['-c', tab[shell]!], options)).stdout
        .split('\n')
        .filter((word) => word !== '')
        .toSorted()
    }

    // On a busy machine, Redis may not be asked in the time that there is.
    await expect.poll(candidates, patiently).toEqual(['inv-dead', 'inv-new'])
  })
})

describe('torque complete', () => {
  it.each([
    ['down', {TORQUE_REDIS_URL: 'redis://127.0.0.1:1'}],
    ['not running', {}],
  ])('is silent where Redis is %s', async (_what, env) => {
    expect(await runTorque(['complete', '--', 'show', ''], {env})).toEqual({code: 0, stdout: '', stderr: ''})
  })

  it('does not name itself, and puts nothing on a command line that a shell would run', async () => {
    const {torque, store, env} = await openTorque()
    await store.redis.sadd(`${env.TORQUE_NAMESPACE}:queues`, '$(reboot)', 'mail')

    expect((await torque(['complete', '--', 'compl'])).stdout).toMatch(/^completion\t.*\n$/)
    const queues = async () => (await torque(['complete', '--', 'list', '-q', ''])).stdout
    await expect.poll(queues, patiently).toBe('default\t\nmail\t\n')
    expect((await torque(['completion', 'tcsh'])).code).toBe(2)
  })
})
