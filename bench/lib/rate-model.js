import {median} from './numbers.js'
import {numberText} from './rows.js'

/** Markdown: how far processes on cores of their own go, by the CPU time that a task takes of each part. */
export function rateModel(rows) {
  const seconds = (start) => median(rows.find(({name}) => name.startsWith(start)).torque)
  const processRate = 100_000 / seconds('CPU of the processes per 100k, two')
  const redisRate = 100_000 / seconds("CPU of Redis's main thread per 100k, two")
  const full = Math.ceil(redisRate / processRate)
  const rate = (count) => `${numberText(Math.round(Math.min(count * processRate, redisRate)))} tasks a second`
  const steps = [1, 2, 4, 8].filter((count) => count < full).map((count) => `${count}: ${rate(count)}`)
  return [
    `By these CPU times a process on a core of its own delivers ${rate(1)}, and Redis, which runs scripts on one core, is full at`,
    `${numberText(Math.round(redisRate))}: with ${full} such processes. Processes and what they come to: ${[...steps, `${full}: ${rate(full)}`].join('; ')}.`,
  ].join('\n')
}
