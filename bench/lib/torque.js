import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {Pool} from 'undici'

import {startProgram} from './program.js'
import {params} from './task.js'

/** The command as a checkout has it. */
export const command = fileURLToPath(new URL('../../bin/torque', import.meta.url))

/** What one request of a fill holds: the most that the endpoint takes is 10,000. */
const batchSize = 5_000

/** `torque serve` as it is: all defaults, log and all, but for the Redis and what is given. */
export function startServe(redis, args = [], options = {}) {
  return startProgram(command, ['serve', '--redis', redis.url, '-p', '0', ...args], options)
}

/** Runs a command to its end; what it prints with `--json`, parsed. */
export async function torque(redis, args) {
  const {stdout} = await promisify(execFile)(process.execPath, [command, ...args, '--redis', redis.url, '--json'])
  return JSON.parse(stdout)
}

/** Has an endpoint take `count` tasks, which `make(index)` returns. Resolves to its answers, a line of JSON for each. */
export async function fillTorque(redis, count, make) {
  const filler = await startFiller(redis)
  try {
    return await filler.fill(count, make)
  } finally {
    await filler.stop()
  }
}

/** An endpoint to fill in tasks by, several times. */
export async function startFiller(redis) {
  const serve = startServe(redis, ['--no-dispatch'])
  const {url} = await serve.ready
  const pool = new Pool(url, {connections: 1, bodyTimeout: 0, headersTimeout: 0})
  return {
    async fill(count, make) {
      const answers = []
      for (let from = 0; from < count; from += batchSize) {
        const lines = Array.from({length: Math.min(batchSize, count - from)}, (_, index) => JSON.stringify(make(from + index)))
        answers.push(...(await addLines(pool, lines)))
      }
      return answers
    },
    async stop() {
      await pool.close()
      await serve.stop()
    },
  }
}

/** An instant, ms since the epoch, before which so many tasks can be filled in. */
export function dueLater(tasks) {
  return Date.now() + 1_000 + Math.ceil(tasks / 4)
}

/** To be called when all are there. */
export function checkNotYetDue(dueAt) {
  if (Date.now() > dueAt - 200) throw new Error('the tasks were due before they were all there: this machine wants fewer of them')
}

async function addLines(pool, lines) {
  const request = {path: '/tasks', method: 'POST', headers: {'content-type': 'application/x-ndjson'}, body: lines.join('\n')}
  const {statusCode, body} = await pool.request(request)
  const text = await body.text()
  if (statusCode !== 200 || text.includes('"error"')) throw new Error(`tasks were refused: ${statusCode} ${text.slice(0, 500)}`)
  return text.trimEnd().split('\n')
}

/** The task of the bounds for this URL, as JSON. */
export function taskFor(url) {
  return {url, params: JSON.parse(params)}
}

/** Fails unless so many tasks have been delivered and nothing is left or dead. */
export async function checkDelivered(redis, count) {
  const {totals} = await torque(redis, ['stats'])
  const left = totals.ready + totals.active + totals.scheduled + totals.retrying + totals.dead
  if (totals.deliveredTotal !== count || left !== 0) throw new Error(`of ${count} tasks: ${JSON.stringify(totals)}`)
}
