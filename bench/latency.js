// How long after it was sent to torque a task's hook is called, at a steady 100 a second; beside BullMQ in the same endpoint, and
// beside calling the hook oneself.
import {execFile} from 'node:child_process'
import {promisify} from 'node:util'

import {interleave, runAlone} from './lib/bench.js'
import {compileSource} from './lib/compiled.js'
import {percentile, ratios} from './lib/numbers.js'
import {programPath, startProgram} from './lib/program.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {form, params} from './lib/task.js'
import {startServe} from './lib/torque.js'

const headers = {'content-type': 'application/x-www-form-urlencoded'}

export const latency = {
  name: 'latency',
  title: 'A task is added and its hook called, 100 a second',
  about:
    'Tasks are added over HTTP at a steady rate, from the moment the request goes out to the moment its hook arrives. ' +
    'BullMQ stands behind the same endpoint, with its worker in the same process. The limit is to call the hook oneself.',
  sizes: {full: {rounds: 5, seconds: 10, perSecond: 100}, quick: {rounds: 1, seconds: 2, perSecond: 100}},
  async run({rounds, seconds, perSecond, cpuProf, bullmq, say}) {
    const compiled = compileSource()
    const receiver = await startReceiver()
    const pace = {receiver, seconds, perSecond}
    const sides = {
      bare: () => measureDirect(pace),
      torque: () => withRedis({}, (redis) => measure(pace, startServe(redis, [], {cpuProf}))),
      ...(bullmq && {
        bullmq: () => withRedis({}, (redis) => measure(pace, startBullmq(compiled.dir, redis))),
      }),
    }
    const tell = (waits) => `${percentile(waits, 50).toFixed(2)} / ${percentile(waits, 99).toFixed(2)} ms`
    const samples = await interleave({rounds, sides, say, tell}).finally(compiled.remove)
    receiver.stop()
    return [...rows(samples, 50, 0.6), ...rows(samples, 99, 0.8)]
  },
}

function startBullmq(dir, redis) {
  return startProgram(programPath('bullmq-serve'), [dir, redis.socket, 'work'])
}

/** The waits of all, in ms, from the moment a request goes out to the moment its hook arrives. */
async function measure({receiver, seconds, perSecond}, server) {
  const {url} = await server.ready
  const body = new URLSearchParams({url: receiver.url, params}).toString()
  const waits = await send({receiver, url: `${url}/hooks/add`, body, seconds, perSecond, adds: true})
  await server.stop()
  return waits
}

function measureDirect({receiver, seconds, perSecond}) {
  return send({receiver, url: receiver.url, body: form, seconds, perSecond, adds: false})
}

async function send({receiver, seconds, perSecond, ...request}) {
  const count = seconds * perSecond
  const {all} = receiver.expect(count, {times: true})
  const order = JSON.stringify({...request, headers, seconds, perSecond})
  const {stdout} = await promisify(execFile)(process.execPath, [programPath('pace'), order], {maxBuffer: 2 ** 26})
  await all
  const {calls, times} = await receiver.take()
  if (calls !== count) throw new Error(`${count} tasks, ${calls} calls`)
  const arrived = new Map(times)
  return JSON.parse(stdout).map(([id, at]) => arrived.get(id) - at)
}

function rows({bare, torque, bullmq}, percent, atMost) {
  const of = (samples) => samples?.map((waits) => percentile(waits, percent))
  const name = `from add to hook, p${percent}`
  return [
    ...(bullmq ? [{name: `${name}, beside BullMQ`, unit: '×', torque: ratios(of(torque), of(bullmq)), atMost}] : []),
    {name, unit: 'ms', torque: of(torque), bullmq: of(bullmq), limit: of(bare)},
  ]
}

void runAlone(import.meta.url, latency)
