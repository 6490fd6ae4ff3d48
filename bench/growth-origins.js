// Whether it matters to how many targets tasks go: one, a thousand, ten thousand, each on a loopback address of its own. New
// connections cost what they cost, so the bare loop is beside it; and as many lanes to one target, by flow key, show the queue alone.
import {interleave, runAlone} from './lib/bench.js'
import {drainBare, drainTorque} from './lib/drain.js'
import {ratios} from './lib/numbers.js'
import {hookUrl, startReceiver} from './lib/receiver.js'
import {scriptRow, scriptText} from './lib/script-times.js'
import {taskFor} from './lib/torque.js'

export const growthOrigins = {
  name: 'growth-origins',
  title: 'Tasks go to more and more origins',
  about:
    'Tasks to many targets, each on a loopback address of its own, in turn. New connections cost their time, so the limit ' +
    'is how much slower the bare loop gets with the same addresses; as many lanes to one target show the queue alone.',
  sizes: {full: {tasks: 40_000, origins: 10_000, rounds: 3}, quick: {tasks: 4_000, origins: 1_000, rounds: 1}},
  async run({tasks, origins, rounds, cpuProf, say}) {
    const receiver = await startReceiver({host: '0.0.0.0'})
    const bare = (many) => () => drainBare({receiver, count: tasks, urls: urls(receiver, many)})
    const torque = (make) => () => drainTorque({receiver, count: tasks, make, scripts: true, cpuProf})
    const [one, some, all] = [1, origins / 10, origins].map((many) => urls(receiver, many))
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

/** Of so many loopback addresses, all the receiver's. */
function urls({port}, count) {
  return Array.from({length: count}, (_, index) => hookUrl(`127.1.${index >> 8}.${index & 255}`, port))
}

function rows({bareOne, one, some, lanes, all, bareAll}, origins) {
  const rate = (samples) => samples.map(({ms}) => 1 / ms)
  const beside = (samples, others) => ratios(rate(samples), rate(others))
  const count = (number) => number.toLocaleString('en-GB')
  return [
    {name: `rate to ${count(origins / 10)} origins, beside one`, unit: '×', torque: beside(some, one)},
    {
      name: `rate to ${count(origins)} origins, beside one`,
      unit: '×',
      torque: beside(all, one),
      limit: beside(bareAll, bareOne),
      atLeast: 0.85,
    },
    {name: `rate with ${count(origins)} lanes to one origin, beside one`, unit: '×', torque: beside(lanes, one)},
    {name: `rate to ${count(origins)} origins, beside the bare loop`, unit: '×', torque: beside(all, bareAll)},
    scriptRow(` with ${count(origins)} origins`, all),
  ]
}

void runAlone(import.meta.url, growthOrigins)
