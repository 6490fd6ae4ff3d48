// Whether it matters over how many queues the tasks are spread.
import {interleave, runAlone} from './lib/bench.js'
import {drainTorque} from './lib/drain.js'
import {ratios} from './lib/numbers.js'
import {startReceiver} from './lib/receiver.js'
import {scriptRow, scriptText} from './lib/script-times.js'
import {taskFor} from './lib/torque.js'

export const growthQueues = {
  name: 'growth-queues',
  title: 'Tasks are in more and more queues',
  about: 'The same tasks in one queue and spread over many.',
  sizes: {full: {tasks: 40_000, queues: 100, rounds: 3}, quick: {tasks: 5_000, queues: 100, rounds: 1}},
  async run({tasks, queues, rounds, cpuProf, say}) {
    const receiver = await startReceiver()
    const side = (make) => () => drainTorque({receiver, count: tasks, make, scripts: true, cpuProf})
    const sides = {
      one: side(() => taskFor(receiver.url)),
      many: side((index) => ({...taskFor(receiver.url), queue: `q${String(index % queues).padStart(6, '0')}`})),
    }
    const tell = (sample) => `${Math.round((tasks / sample.ms) * 1000)}/s, ${scriptText(sample)}`
    const samples = await interleave({rounds, sides, say, tell})
    receiver.stop()
    return rows(samples, queues)
  },
}

function rows({one, many}, queues) {
  const rate = (samples) => samples.map(({ms}) => 1 / ms)
  return [
    {name: `rate with ${queues} queues, beside one`, unit: '×', torque: ratios(rate(many), rate(one)), atLeast: 0.8},
    scriptRow(` with ${queues} queues`, many),
  ]
}

void runAlone(import.meta.url, growthQueues)
