// How long Redis is held up by each script call, by the script.
import {createHash} from 'node:crypto'
import {readFileSync, readdirSync} from 'node:fs'

import {percentile} from './numbers.js'

const scripts = new URL('../../src/queue/scripts/', import.meta.url)

/** Shorter ones are not logged: no call that takes a batch is so short. */
const loggedFromUs = 10

/** Begins to keep the time of every script call. */
export async function watchScripts({client}) {
  await client.config('SET', 'slowlog-max-len', '1000000')
  await client.config('SET', 'slowlog-log-slower-than', String(loggedFromUs))
  await client.slowlog('RESET')
}

/** What each script took since then: `{name: {calls, p50, p99}}`, in ms. */
export async function scriptTimes({client}) {
  await client.config('SET', 'slowlog-log-slower-than', '-1')
  const names = scriptNames()
  const times = new Map()
  for (const [, , us, [command, sha]] of await client.slowlog('GET', '-1')) {
    if (command.toUpperCase() !== 'EVALSHA') continue
    const name = names.get(sha) ?? `script ${sha.slice(0, 8)}`
    if (!times.has(name)) times.set(name, [])
    times.get(name).push(us / 1000)
  }
  return Object.fromEntries(
    [...times].map(([name, ms]) => [name, {calls: ms.length, p50: percentile(ms, 50), p99: percentile(ms, 99)}]),
  )
}

/** The row of the slowest kind of script over some drains: 99 of 100 calls take no longer. */
export function scriptRow(where, samples) {
  const slowest = ({scripts}) => Math.max(...Object.values(scripts).map(({p99}) => p99))
  return {name: `the slowest script${where}, p99`, unit: 'ms', torque: samples.map(slowest), atMost: 2}
}

/** `claim 0.23 / 0.74 ms` of each, for the terminal. */
export function scriptText({scripts}) {
  return Object.entries(scripts)
    .map(([name, {p50, p99}]) => `${name} ${p50.toFixed(2)} / ${p99.toFixed(2)} ms`)
    .join(', ')
}

/** Each script is sent to Redis with the library before it. */
function scriptNames() {
  const read = (name) => readFileSync(new URL(name, scripts), 'utf8')
  const library = read('lib.lua')
  const files = readdirSync(scripts).filter((name) => name.endsWith('.lua'))
  return new Map(
    files.map((name) => [
      createHash('sha1')
        .update(`${library}\n${read(name)}`)
        .digest('hex'),
      name.slice(0, -4),
    ]),
  )
}
