import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {Pool} from 'undici'

import {startProgram} from './program.js'
import {params} from './task.js'

const command = fileURLToPath(new URL('../../bin/torque', import.meta.url))

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

/** Has an endpoint take many tasks: the default one `count` times, or what `make(index)` returns. Resolves to what it answered for each. */
export async function fillTorque(redis, count, make, {keepAnswers = false} = {}) {
  const serve = startServe(redis, ['--no-dispatch'])
  const {url} = await serve.ready
  const pool = new Pool(url, {connections: 1, bodyTimeout: 0, headersTimeout: 0})
  const answers = []
  for (let from = 0; from < count; from += batchSize) {
    const lines = Array.from({length: Math.min(batchSize, count - from)}, (_, index) => JSON.stringify(make(from + index)))
    const answer = await addLines(pool, lines)
    if (keepAnswers) for (const line of answer.trimEnd().split('\n')) answers.push(JSON.parse(line))
  }
  await pool.close()
  await serve.stop()
  return answers
}

async function addLines(pool, lines) {
  const request = {path: '/tasks', method: 'POST', headers: {'content-type': 'application/x-ndjson'}, body: lines.join('\n')}
  const {statusCode, body} = await pool.request(request)
  const answer = await body.text()
  if (statusCode !== 200 || answer.includes('"error"'))
    throw new Error(`tasks were refused: ${statusCode} ${answer.slice(0, 500)}`)
  return answer
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
