// How long commands take from start to end, beside Node doing nothing.
import {spawnSync} from 'node:child_process'

import {runAlone} from './lib/bench.js'
import {median, ratios} from './lib/numbers.js'
import {withRedis} from './lib/redis.js'
import {hookUrls, params} from './lib/task.js'
import {command} from './lib/torque.js'

export const startUp = {
  name: 'start-up',
  title: 'Commands start and end',
  about:
    'Commands from start to end, `add` and `stats` with a Redis that runs, one after the other in turn; the limit is `node ' +
    '-e 0`.',
  sizes: {full: {rounds: 7, runs: 9}, quick: {rounds: 2, runs: 3}},
  run: ({rounds, runs, say}) => withRedis({}, (redis) => measure({rounds, runs, say, redis})),
}

async function measure({rounds, runs, say, redis}) {
  const at = ['--redis', redis.url]
  const programs = {
    bare: ['-e', '0'],
    version: [command, '--version'],
    add: [command, 'add', hookUrls(40_000, 1)[0], '--params', params, ...at],
    stats: [command, 'stats', ...at],
  }
  // Once for the file system's sake.
  for (const args of Object.values(programs)) msOf(args)
  const took = Object.fromEntries(Object.keys(programs).map((name) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    const times = Object.entries(once(programs, runs))
    for (const [name, ms] of times) took[name].push(ms)
    say(`round ${round}: ${times.map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`)
  }
  return rows(took)
}

/** The median time of each program, one run of each after the other. */
function once(programs, runs) {
  const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]))
  for (let run = 0; run < runs; run++) for (const [name, args] of Object.entries(programs)) times[name].push(msOf(args))
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
}

function msOf(args) {
  const begin = performance.now()
  const {status, stderr} = spawnSync(process.execPath, args, {stdio: ['ignore', 'ignore', 'pipe']})
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${String(stderr)}`)
  return performance.now() - begin
}

function rows({bare, version, add, stats}) {
  const row = (name, times, atMost) => [
    {name: `${name}, beside node -e 0`, unit: '×', torque: ratios(times, bare), atMost},
    {name, unit: 'ms', torque: times, limit: bare},
  ]
  return [...row('torque --version', version, 2), ...row('torque add', add, 2.7), ...row('torque stats', stats, 2.7)]
}

void runAlone(import.meta.url, startUp)
