import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {openTorque, scratchDir} from '../support/torque.js'

describe('a config file', () => {
  it('gives what neither flag nor environment does, and refuses a key that is none', async () => {
    const {env, torque} = await openTorque()
    await torque(['add', 'http://a.example/', '--id', 'one'])
    const dir = scratchDir()
    const nothing = {TORQUE_REDIS_URL: undefined, TORQUE_NAMESPACE: undefined}
    writeFileSync(join(dir, 'torque.config.json'), JSON.stringify({redis: env.TORQUE_REDIS_URL, namespace: env.TORQUE_NAMESPACE}))

    expect(await torque(['list'], {cwd: dir, env: nothing})).toMatchObject({code: 0, stdout: expect.stringMatching(/^one\t/)})

    writeFileSync(join(dir, 'torque.config.json'), '{"nmespace": "x"}')
    expect(await torque(['list'], {cwd: dir})).toMatchObject({code: 2, stderr: expect.stringContaining('unknown key "nmespace"')})
  })

  it('and a variable are named when their value is wrong, not the flag that was not given', async () => {
    const {torque, json} = await openTorque()
    const dir = scratchDir()
    writeFileSync(join(dir, 'torque.config.json'), '{"maxTaskErrors": "many", "namespace": "No"}')

    const env = {MAX_TASK_ERRORS: 'x'}
    const serve = await torque(['serve'], {env})
    const flag = await torque(['serve', '--max-task-errors', 'y'], {env})
    const file = await torque(['serve'], {cwd: dir})
    const namespace = await json<{error: {message: string}}>(['list'], {cwd: dir, env: {TORQUE_NAMESPACE: undefined}})
    const base = await torque(['add', '/x'], {env: {TORQUE_BASE_TASK_URL: 'nowhere'}})

    expect(serve).toMatchObject({code: 2, stderr: 'Error: MAX_TASK_ERRORS "x" is not a whole number\n'})
    expect(flag.stderr).toBe('Error: --max-task-errors "y" is not a whole number\n')
    expect(file.stderr).toMatch(/^Error: maxTaskErrors in \S+torque\.config\.json "many" is not a whole number\n$/)
    expect(namespace.error.message).toMatch(/^namespace in \S+torque\.config\.json "No" is not /)
    expect(base.stderr).toMatch(/^Error: TORQUE_BASE_TASK_URL "nowhere" is refused /)
  })
})
