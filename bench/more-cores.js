// Several processes on one Redis: two measured beside one, and `--workers 2` where this torque has it. What more would do follows
// from the CPU time of each part: see `note`.
import {execFileSync} from 'node:child_process'

import {interleave, runAlone} from './lib/bench.js'
import {watch} from './lib/drain.js'
import {ratios} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {withRedis} from './lib/redis.js'
import {rateModel} from './lib/rate-model.js'
import {checkDelivered, checkNotYetDue, command, dueLater, startFiller, startServe, taskFor} from './lib/torque.js'

export const moreCores = {
  name: 'more-cores',
  title: 'Several processes on one Redis',
  about:
    'A backlog that falls due when all processes stand ready. On a machine with few cores they take them from each other, ' +
    'from Redis and from the receiver; their CPU times tell what they would do on more.',
  sizes: {full: {tasks: 40_000, rounds: 3}, quick: {tasks: 5_000, rounds: 1}},
  async run({tasks, rounds, say}) {
    const receiver = await startReceiver()
    const side = (processes, args) => () => measure({tasks, receiver, processes, args})
    const sides = {one: side(1), two: side(2), ...(hasWorkers() && {workers: side(1, ['--workers', '2'])})}
    const tell = ({ms}) => `${Math.round((tasks / ms) * 1000)}/s`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples, tasks)
  },
  note: rateModel,
}

function hasWorkers() {
  return execFileSync(process.execPath, [command, 'serve', '--help'], {encoding: 'utf8'}).includes('--workers')
}

function measure({tasks, receiver, processes, args = []}) {
  return withRedis({}, async (redis) => {
    const filler = await startFiller(redis)
    const start = () => Array.from({length: processes}, () => startServe(redis, ['--no-http', ...args]))
    // None begins before all are ready.
    const fill = async () => {
      const dueAt = dueLater(tasks)
      const task = {...taskFor(receiver.url), at: new Date(dueAt).toISOString()}
      await filler.fill(tasks, () => task)
      checkNotYetDue(dueAt)
      await filler.stop()
    }
    const sample = await watch({receiver, count: tasks, redis, start, started: fill})
    await checkDelivered(redis, tasks)
    return sample
  })
}

function rows({one, two, workers}, tasks) {
  const rate = (samples) => samples.map(({ms}) => (tasks / ms) * 1000)
  const per100k = (samples, field) => samples.map((sample) => (sample[field] / tasks) * 100)
  const name = 'CPU of the processes per 100k'
  return [
    {name: 'rate of two processes, beside one', unit: '×', torque: ratios(rate(two), rate(one))},
    ...(workers ? [{name: 'rate of --workers 2, beside one', unit: '×', torque: ratios(rate(workers), rate(one))}] : []),
    {name: `${name}, one`, unit: 's', torque: per100k(one, 'cpuMs')},
    {name: `${name}, two`, unit: 's', torque: per100k(two, 'cpuMs')},
    {name: "CPU of Redis's main thread per 100k, one process", unit: 's', torque: per100k(one, 'redisMainMs')},
    {name: "CPU of Redis's main thread per 100k, two processes", unit: 's', torque: per100k(two, 'redisMainMs')},
    {name: 'CPU of the receiver per 100k', unit: 's', torque: per100k(two, 'receiverMs')},
  ]
}

void runAlone(import.meta.url, moreCores)
