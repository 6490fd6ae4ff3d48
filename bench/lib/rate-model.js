import {median} from './numbers.js'

/** How far processes on cores of their own go, by the CPU time that a task takes of each part. */
export function rateModel(rows) {
  const seconds = (name) => median(rows.find((row) => row.name === name).torque)
  const processRate = 100_000 / seconds('CPU of the processes per 100k, two')
  const redisRate = 100_000 / seconds("CPU of Redis's main thread per 100k, two processes")
  const full = Math.max(1, Math.ceil(redisRate / processRate))
  const rate = (count) => `${rounded(Math.min(count * processRate, redisRate))} a second`
  const steps = [2, 4, 8, 16].filter((count) => count < full).map((count) => `${count}: ${rate(count)}`)
  return `By the CPU times with two, a process on a core of its own delivers ${rate(1)}. Redis runs scripts on one core, and that one
    is full at ${rounded(redisRate)} tasks a second, with ${full} such processes (${[...steps, `${full}: ${rate(full)}`].join('; ')}).
    What comes then is another Redis with processes of its own, and tasks shared out between the two by those who add them.`
}

/** Two digits that count: it is a model. */
function rounded(rate) {
  return Number(rate.toPrecision(2)).toLocaleString('en-GB')
}
