import {execFileSync} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'

import {redis} from '../support/namespace-world.js'
import {runProgram, scratchDir} from '../support/torque.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every address, of either kind, is this machine's; nothing leads out; the hosts file has the names that no name server is asked for. */
const setUp = `
  ip link set lo up
  ip route add local 0.0.0.0/0 dev lo
  ip -6 route add local ::/0 dev lo
  ip address add 10.99.0.1/32 dev lo
  mount --bind "$1" /etc/hosts
  shift
  exec "$@"`

const unshare = ['--net', '--mount', '--propagation', 'private', 'sh', '-euc', setUp, 'sh']

function whyNot(hosts: string): string | null {
  if (process.platform !== 'linux') return 'needs Linux'
  if (process.getuid?.() !== 0) return 'needs root'
  try {
    execFileSync('unshare', [...unshare, hosts, 'true'], {stdio: 'pipe'})
    return null
  } catch (error) {
    return `needs unshare, ip and leave to use them: ${(error as Error).message}`
  }
}

describe('egress, in a network of its own', () => {
  it('reaches no address that it must not', {timeout: 60_000}, async ({skip}) => {
    const hosts = join(scratchDir(), 'hosts')
    writeFileSync(hosts, `127.0.0.1 localhost\n${redis.address} ${redis.name}\n169.254.169.254 listed.test\n`)
    const reason = whyNot(hosts)
    if (reason !== null) return skip(`skipped: ${reason}`)

    const vitest = [
      process.execPath,
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      'vitest.namespace.config.ts',
    ]
    const {code, stdout, stderr} = await runProgram('unshare', [...unshare, hosts, ...vitest], {cwd: root, env: {NO_COLOR: '1'}})

    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toMatch(/Tests +\d+ passed/)
  })
})
