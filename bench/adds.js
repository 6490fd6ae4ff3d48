// How many tasks a second are taken over HTTP, beside the same endpoint without a store and with BullMQ behind it.
import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

import {interleave, runAlone} from './lib/bench.js'
import {compileSource} from './lib/compiled.js'
import {ratios} from './lib/numbers.js'
import {programPath, startProgram} from './lib/program.js'
import {withRedis} from './lib/redis.js'
import {hookUrls, params} from './lib/task.js'
import {startServe, torque} from './lib/torque.js'

const body = new URLSearchParams({url: hookUrls(40_000, 1)[0], params}).toString()

export const adds = {
  name: 'adds',
  title: 'Tasks are added over HTTP',
  about:
    '`POST /hooks/add` over kept-alive connections from a process of its own, to `torque serve --no-dispatch`. The limit is ' +
    'the same endpoint, with all its checks and no store, that answers what came in one turn of the event loop together; ' +
    'BullMQ stands behind that endpoint, too.',
  sizes: {full: {tasks: 40_000, rounds: 5, connections: 100}, quick: {tasks: 8_000, rounds: 1, connections: 100}},
  async run({tasks, rounds, connections, cpuProf, bullmq, say}) {
    const compiled = compileSource()
    const load = {count: tasks, connections}
    const sides = {
      bare: () => measure(load, startProgram(programPath('null-serve'), [compiled.dir])),
      torque: () => withRedis({}, (redis) => measureTorque(load, redis, cpuProf)),
      ...(bullmq && {
        bullmq: () => withRedis({}, (redis) => measure(load, startBullmq(compiled.dir, redis), redis)),
      }),
    }
    const tell = ({ms, cpuMs}) => `${Math.round((tasks / ms) * 1000).toLocaleString('en-GB')}/s at ${Math.round(cpuMs)} ms CPU`
    const samples = await interleave({rounds, sides, say, tell}).finally(compiled.remove)
    return rows(samples, tasks)
  },
}

function startBullmq(dir, redis) {
  return startProgram(programPath('bullmq-serve'), [dir, redis.socket])
}

async function measureTorque(load, redis, cpuProf) {
  const sample = await measure(load, startServe(redis, ['--no-dispatch'], {cpuProf}), redis, async () => {
    const {totals} = await torque(redis, ['stats'])
    if (totals.addedTotal !== load.count + warmUp(load)) throw new Error(`${totals.addedTotal} tasks are there`)
  })
  return sample
}

/** So many adds first, not counted: each side is measured as it is after a while. */
function warmUp({count}) {
  return Math.ceil(count / 5)
}

async function measure({count, connections}, server, redis, check) {
  const {url} = await server.ready
  await add({url, count: warmUp({count}), connections})
  const [before, redisBefore] = await Promise.all([server.usage(), redis?.cpu()])
  const {ms, cpuMs: loadMs} = await add({url, count, connections})
  const [after, redisAfter] = await Promise.all([server.usage(), redis?.cpu()])
  await check?.()
  await server.stop()
  return {ms, loadMs, cpuMs: after.cpuMs - before.cpuMs, ...(redis && {redisMs: redisAfter.allMs - redisBefore.allMs})}
}

async function add(load) {
  const {stdout} = await promisify(execFile)(process.execPath, [programPath('load'), JSON.stringify({...load, body})])
  return JSON.parse(stdout)
}

function rows({bare, torque, bullmq}, tasks) {
  const rate = (samples) => samples?.map(({ms}) => (tasks / ms) * 1000)
  const per100k = (samples, field = 'cpuMs') => samples?.map((sample) => (sample[field] / tasks) * 100)
  const toBare = (samples) => samples && ratios(rate(samples), rate(bare))
  const name = 'adds a second over HTTP'
  const cpu = {torque: per100k(torque), bullmq: per100k(bullmq), limit: per100k(bare)}
  return [
    {name: `${name}, beside no store`, unit: '×', torque: toBare(torque), bullmq: toBare(bullmq), atLeast: 0.6},
    ...(bullmq ? [{name: `${name}, beside BullMQ`, unit: '×', torque: ratios(rate(torque), rate(bullmq)), atLeast: 1.5}] : []),
    {name, unit: '/s', torque: rate(torque), bullmq: rate(bullmq), limit: rate(bare)},
    {name: 'CPU of the server per 100k adds', unit: 's', ...cpu},
    {name: 'CPU of Redis per 100k adds', unit: 's', torque: per100k(torque, 'redisMs'), bullmq: per100k(bullmq, 'redisMs')},
    {name: 'CPU of the client per 100k adds', unit: 's', torque: per100k(torque, 'loadMs'), limit: per100k(bare, 'loadMs')},
  ]
}

void runAlone(import.meta.url, adds)
