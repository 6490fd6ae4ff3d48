import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {type Server, connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'

import {socketUrl} from '../../src/embedded/home.js'

/** Stands between a client and a Redis and can lose an answer on its way back, after the work is done. */
export interface CutProxy {
  url: string
  /** The next answer is lost, and its connection with it. */
  loseNextAnswer(): void
}

/** A proxy before the Redis at a unix socket URL, closed when the test ends. */
export async function openCutProxy(redisUrl: string): Promise<CutProxy> {
  const dir = mkdtempSync(join(tmpdir(), 'torque-proxy-'))
  const socket = join(dir, 'proxy.sock')
  let losing = false
  const server: Server = createServer((client) => {
    const redis = connect(decodeURIComponent(new URL(redisUrl).pathname))
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      one.on('error', () => {}).on('close', () => other.destroy())
    }
    client.pipe(redis)
    redis.on('data', (answer) => {
      if (losing) client.destroy()
      else client.write(answer)
      losing = false
    })
  })
  server.listen(socket)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    rmSync(dir, {recursive: true, force: true})
  })
  return {url: socketUrl(socket), loseNextAnswer: () => void (losing = true)}
}
