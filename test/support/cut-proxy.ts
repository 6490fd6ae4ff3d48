import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'

import {socketUrl} from '../../src/embedded/home.js'
import {TcpProxy} from './tcp-proxy.js'

/** A proxy before the Redis at a URL, on a socket of its own, closed when the test ends. */
export async function openCutProxy(redisUrl: string) {
  const dir = mkdtempSync(join(tmpdir(), 'torque-proxy-'))
  const socket = join(dir, 'proxy.sock')
  const proxy = await new TcpProxy(redisUrl).listen(socket)
  onTestFinished(async () => {
    await proxy.close()
    rmSync(dir, {recursive: true, force: true})
  })
  return Object.assign(proxy, {url: socketUrl(socket)})
}
