// What every measurement stands on: a Redis of its own (AOF everysec, as torque's private one) and a receiver beside it.
import {fork, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Starts a Redis on a unix socket in a directory of its own. */
export async function startRedis({fsync = 'everysec'} = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'torque-bench-'))
  const socket = join(dir, 'redis.sock')
  const args = ['--port', '0', '--unixsocket', socket, '--dir', dir, '--save', '', '--appendonly', 'yes', '--appendfsync', fsync]
  const child = spawn('redis-server', args, {stdio: ['ignore', 'pipe', 'inherit']})
  for await (const chunk of child.stdout) if (String(chunk).includes('eady to accept')) break
  child.stdout.resume()
  return {
    url: `unix://${socket}`,
    async stop() {
      child.kill()
      await once(child, 'exit')
      rmSync(dir, {recursive: true})
    },
  }
}

/** Starts the receiver; `take` resolves to how many calls came since the last time, and of how many tasks. */
export async function startReceiver() {
  const child = fork(new URL('receiver.js', import.meta.url))
  const [{port}] = await once(child, 'message')
  return {
    port,
    async take() {
      child.send('take')
      const [counts] = await once(child, 'message')
      return counts
    },
    stop: () => child.disconnect(),
  }
}

export function median(numbers) {
  const sorted = numbers.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)]
}
