// Whether it matters how much is waiting: the same number of deliveries out of a small backlog and out of a large one.
import {interleave, runAlone} from './lib/bench.js'
import {watchWithScripts} from './lib/drain.js'
import {usedMemory} from './lib/memory.js'
import {ratios} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {startRedis, withRedis} from './lib/redis.js'
import {scriptRow, scriptText} from './lib/script-times.js'
import {fillTorque, startServe, taskFor} from './lib/torque.js'

export const growthBacklog = {
  name: 'growth-backlog',
  title: 'More and more is waiting',
  about:
    'The same number of deliveries out of a small backlog and out of a large one. Each call of a script, claim and settle ' +
    'among them, holds up Redis for as long as the table says at most, but for one call in a hundred.',
  sizes: {full: {tasks: 20_000, large: 1_000_000, rounds: 3}, quick: {tasks: 5_000, large: 50_000, rounds: 1}},
  async run({tasks, large, rounds, cpuProf, say}) {
    const receiver = await startReceiver()
    const full = await startRedis()
    try {
      say(`filling in ${large.toLocaleString('en-GB')} tasks`)
      await fill(full, receiver, large)
      const measure = (redis) => measureSome({redis, receiver, tasks, cpuProf})
      const sides = {
        small: () => withRedis({}, (redis) => fill(redis, receiver, tasks).then(() => measure(redis))),
        large: () => measure(full),
      }
      const tell = (sample) => `${Math.round((sample.count / sample.ms) * 1000)}/s, ${scriptText(sample)}`
      return rows(await interleave({rounds, sides, say, tell}), {tasks, large})
    } finally {
      receiver.stop()
      await full.stop()
    }
  },
}

async function fill(redis, receiver, tasks) {
  await fillTorque(redis, tasks, () => taskFor(receiver.url))
  await usedMemory(redis)
}

/** Out of both the same number, so that neither comes to an end within it. */
async function measureSome({redis, receiver, tasks, cpuProf}) {
  const count = Math.floor(tasks * 0.9)
  const start = () => startServe(redis, ['--no-http'], {cpuProf})
  return {...(await watchWithScripts({receiver, count, redis, start, partial: true})), count}
}

function rows({small, large}, sizes) {
  const rate = (samples) => samples.map(({ms, count}) => (count / ms) * 1000)
  const [few, many] = [sizes.tasks, sizes.large].map((number) => number.toLocaleString('en-GB'))
  return [
    {name: `rate with ${many} waiting, beside ${few}`, unit: '×', torque: ratios(rate(large), rate(small)), atLeast: 0.9},
    scriptRow(` with ${few} waiting`, small),
    scriptRow(` with ${many} waiting`, large),
  ]
}

void runAlone(import.meta.url, growthBacklog)
