import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {fileURLToPath} from 'node:url'
import type {} from 'vitest'
import type {TestProject} from 'vitest/node'

import {findBinary} from '../../src/embedded/binary.js'
import {diesWithParent} from '../../src/embedded/dies-with-parent.js'
import {socketUrl} from '../../src/embedded/home.js'
import {installEngine} from '../../src/embedded/install.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** `unix://…/redis.sock` of the run's throwaway Redis. */
    redisUrl: string
    /** The server program behind it, for tests that start one of their own. */
    enginePath: string
  }
}

/** Inside the checkout and ignored by git, so that an engine fetched once serves later runs too. */
const cache = fileURLToPath(new URL('../../.torque', import.meta.url))

/** Starts one throwaway Redis for the whole run, on a socket no other process can collide with. */
export default async function setup(project: TestProject) {
  const {path} = await engine()
  const dir = mkdtempSync(join(tmpdir(), 'torque-test-'))
  const socket = join(dir, 'redis.sock')
  // A run that is killed leaves no engine behind.
  const [program, ...args] = [
    ...(await diesWithParent(process.env)),
    path,
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--save',
    '',
    '--dir',
    dir,
  ]
  const server = spawn(program, args, {stdio: ['ignore', 'pipe', 'inherit']})
  await ready(server.stdout)
  project.provide('redisUrl', socketUrl(socket))
  project.provide('enginePath', path)

  return async () => {
    const exited = once(server, 'exit')
    if (server.kill()) await exited
    rmSync(dir, {recursive: true, force: true})
  }
}

/** The machine's engine, or one put in place by what `torque redis install` does. */
async function engine() {
  const surroundings = {home: cache, env: process.env}
  return (await findBinary(surroundings)) ?? installEngine({...surroundings, log: (line) => console.error(`redis: ${line}`)})
}

/** Resolves when the server says that it is ready; goes on reading, so that it never blocks on a full pipe. */
function ready(output: NodeJS.ReadableStream): Promise<void> {
  const said: string[] = []
  return new Promise((resolve, reject) => {
    const lines = createInterface({input: output})
    lines.on('line', (line) => {
      said.push(line)
      if (line.includes('eady to accept connections')) resolve()
    })
    lines.on('close', () => reject(new Error(`the test engine did not start:\n${said.slice(-20).join('\n')}`)))
  })
}
