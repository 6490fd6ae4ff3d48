import {execFile} from 'node:child_process'
import {promisify} from 'node:util'
import {pathToFileURL} from 'node:url'
import {describe, expect, it} from 'vitest'

const run = promisify(execFile)

/** A loader that reports every module the client loads. */
const hook = `import {register} from 'node:module'
register('data:text/javascript,' + encodeURIComponent(\`
  import {writeSync} from 'node:fs'
  export async function load(url, context, next) { writeSync(1, url + '\\\\n'); return next(url, context) }\`))`

describe('importing the client', () => {
  it('loads no package at all', async () => {
    const index = pathToFileURL('dist/index.js').href

    const {stdout} = await run(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(hook)}`,
      '-e',
      `import(${JSON.stringify(index)})`,
    ])

    const loaded = stdout.split('\n').filter((url) => url.startsWith('file:'))
    expect(loaded).toContain(index)
    expect(loaded.filter((url) => !url.startsWith(index.replace('index.js', '')))).toEqual([])
    expect(loaded.filter((url) => !/\/dist\/(index|errors|clock|client\/[\w-]+|task\/[\w-]+)\.js$/.test(url))).toEqual([])
  })

  it('offers the calls of the original and what the contract names', async () => {
    const client = await import('../../src/index.js')

    expect(Object.keys(client).sort()).toEqual(['Task', 'TorqueError', 'add', 'addMany', 'configure', 'verify'])
  })
})
