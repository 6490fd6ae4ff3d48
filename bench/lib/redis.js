import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {Redis} from 'ioredis'

import {atExit, endWithUs} from './children.js'

/** The server's program; another one by this variable. */
const program = process.env.BENCH_REDIS_SERVER ?? 'redis-server'

/**
 * Starts a Redis of its own with the settings of torque's private one, on a unix socket in a directory that goes with it.
 * `client` is a connection to look on with.
 */
export async function startRedis({fsync = 'everysec'} = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'torque-bench-'))
  const socket = join(dir, 'redis.sock')
  const settings = {port: 0, unixsocket: socket, dir, save: '', appendonly: 'yes', appendfsync: fsync}
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(program, args, {stdio: ['ignore', 'pipe', 'inherit']})
  endWithUs(child)
  const remove = () => rmSync(dir, {recursive: true, force: true})
  const forget = atExit(remove)
  for await (const chunk of child.stdout.iterator({destroyOnReturn: false})) if (String(chunk).includes('eady to accept')) break
  child.stdout.resume()
  const client = new Redis(socket)
  return {
    url: `unix://${socket}`,
    socket,
    client,
    /** The fields of a section of INFO; numbers where they are numbers. */
    info: (section) => info(client, section),
    /** What its process has used of the CPU so far, in ms: all threads, and the one that runs the commands. */
    async cpu() {
      const used = await info(client, 'cpu')
      const ms = (prefix) => (used[`${prefix}_user`] + used[`${prefix}_sys`]) * 1000
      // Before 6.2 it does not tell the main thread's share.
      return {allMs: ms('used_cpu'), mainMs: 'used_cpu_user_main_thread' in used ? mainThread(used) : ms('used_cpu')}
    },
    async stop() {
      client.disconnect()
      const exited = once(child, 'exit')
      if (child.kill()) await exited
      forget()
      remove()
    },
  }
}

/** Starts one, and stops it when `use(redis)` has ended. */
export async function withRedis(options, use) {
  const redis = await startRedis(options)
  try {
    return await use(redis)
  } finally {
    await redis.stop()
  }
}

function mainThread(used) {
  return (used.used_cpu_user_main_thread + used.used_cpu_sys_main_thread) * 1000
}

async function info(client, section) {
  const lines = (await client.info(section)).split('\r\n').filter((line) => line.includes(':'))
  return Object.fromEntries(lines.map((line) => line.split(':', 2)).map(([name, value]) => [name, numberIn(value)]))
}

function numberIn(text) {
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
