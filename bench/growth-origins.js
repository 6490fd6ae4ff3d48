// Whether it matters over how many lanes tasks are spread: ten thousand to one target, by flow key, which shows the queue alone; and
// a thousand and ten thousand targets, each on a loopback address of its own. New connections cost what they cost, so the bare loop
// with the same addresses stands beside those.
import {interleave, runAlone} from './lib/bench.js'
import {drainBare, drainTorque} from './lib/drain.js'
import {ratios} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {scriptRow, scriptText} from './lib/script-times.js'
import {hookUrls} from './lib/task.js'
import {taskFor} from './lib/torque.js'

export const growthOrigins = {
  name: 'growth-origins',
  title: 'Tasks go to more and more targets',
  about:
    'Tasks spread over many lanes in turn: to one target, by flow key, which is what the queue alone makes of it; and to ' +
    'targets on loopback addresses of their own, where nearly each call opens a connection. The limit is how much slower the ' +
    'bare loop gets with the same addresses.',
  sizes: {full: {tasks: 40_000, origins: 10_000, rounds: 3}, quick: {tasks: 3_000, origins: 1_000, rounds: 1}},
  async run({tasks, origins, rounds, cpuProf, say}) {
    const receiver = await startReceiver({host: '0.0.0.0'})
    const bare = (many) => () => drainBare({receiver, count: tasks, origins: many})
    const torque = (make) => () => drainTorque({receiver, count: tasks, make, scripts: true, cpuProf})
    const [one, some, all] = [1, origins / 10, origins].map((many) => hookUrls(receiver.port, many))
    const toThese = (list) => torque((index) => taskFor(list[index % list.length]))
    const sides = {
      bareOne: bare(1),
      one: toThese(one),
      some: toThese(some),
      lanes: torque((index) => ({...taskFor(receiver.url), flowKey: `flow-${index % origins}`})),
      all: toThese(all),
      bareAll: bare(origins),
    }
    const tell = (sample) => `${Math.round((tasks / sample.ms) * 1000)}/s${sample.scripts ? ` (${scriptText(sample)})` : ''}`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples, origins)
  },
}

function rows({bareOne, one, some, lanes, all, bareAll}, origins) {
  const rate = (samples) => samples.map(({ms}) => 1 / ms)
  const beside = (samples, others) => ratios(rate(samples), rate(others))
  const count = (number) => number.toLocaleString('en-GB')
  const many = count(origins)
  return [
    {name: `rate with ${many} lanes to one origin, beside one lane`, unit: '×', torque: beside(lanes, one), atLeast: 0.85},
    {name: `rate to ${count(origins / 10)} addresses, beside one`, unit: '×', torque: beside(some, one)},
    {name: `rate to ${many} addresses, beside one`, unit: '×', torque: beside(all, one), limit: beside(bareAll, bareOne)},
    {name: `rate to ${many} addresses, beside the bare loop`, unit: '×', torque: beside(all, bareAll)},
    scriptRow(` with ${many} lanes to one origin`, lanes),
    scriptRow(` with ${many} addresses`, all),
  ]
}

void runAlone(import.meta.url, growthOrigins)
