import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'

import {taskFields} from '../../../src/cli/add/task-fields.js'
import {scratchDir} from '../../support/torque.js'

describe('taskFields', () => {
  it('makes --param an object of strings, in order, a name given again an array', async () => {
    const {params} = await taskFields('http://a', {param: ['2=b=c', '1=', '__proto__=x', '2=d']})

    expect(params).toBe('{"2":["b=c","d"],"1":"","__proto__":"x"}')
  })

  it('makes --header an object', async () => {
    const {headers} = await taskFields('http://a', {header: ['X-A:  b: c ', 'x-b:']})

    expect(headers).toBe('{"X-A":"b: c","x-b":""}')
  })

  it('reads a file for @ exactly as it is', async () => {
    const file = join(scratchDir(), 'params.json')
    writeFileSync(file, ' {"a": 1.0}\n')

    expect((await taskFields('http://a', {params: `@${file}`})).params).toBe(' {"a": 1.0}\n')
  })

  it('never reads a file for --body, which is sent as it is', async () => {
    expect((await taskFields('http://a', {body: '@/etc/hostname'})).body).toBe('@/etc/hostname')
  })

  it('names only what was given', async () => {
    expect(await taskFields(undefined, {url: 'http://a', 'max-errors': '3'})).toEqual({url: 'http://a', maxErrors: '3'})
  })

  it.each([
    ['the URL twice', {url: 'http://b'}],
    ['a --param without =', {param: ['a']}],
    ['a --param without a name', {param: ['=a']}],
    ['a --header without a colon', {header: ['a']}],
    ['the standard input twice', {params: '-', 'json-body': '-'}],
  ])('refuses %s', async (_what, flags) => {
    await expect(taskFields('http://a', flags)).rejects.toMatchObject({code: 'usage', exitCode: 2})
  })

  it('refuses a file that is not there, too large or not UTF-8', async () => {
    const dir = scratchDir()
    writeFileSync(join(dir, 'large'), Buffer.alloc(1024 * 1024 + 1, 'x'))
    writeFileSync(join(dir, 'latin1'), Buffer.from([0x22, 0xe4, 0x22]))

    await expect(taskFields('http://a', {params: `@${dir}/none`})).rejects.toThrow(/cannot read/)
    await expect(taskFields('http://a', {params: `@${dir}/large`})).rejects.toMatchObject({code: 'too_large'})
    await expect(taskFields('http://a', {params: `@${dir}/latin1`})).rejects.toThrow(/not UTF-8/)
  })
})
