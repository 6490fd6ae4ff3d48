import {Pool} from 'undici'

import {hookId} from './bullmq.js'
import {userAgent} from './task.js'

/** A BullMQ processor: POSTs the job's params as a form, with torque's headers, and rejects unless the answer is a 2xx. */
export function caller() {
  const pools = new Map()
  return ({id, data, attemptsMade, opts}) => {
    const {origin, pathname} = new URL(data.url)
    let pool = pools.get(origin)
    if (!pool) pools.set(origin, (pool = new Pool(origin, {connections: 50, pipelining: 1})))
    const body = new URLSearchParams(data.params).toString()
    const headers = hookHeaders(id, attemptsMade + 1, opts.attempts)
    return new Promise((resolve, reject) => {
      pool.dispatch({path: pathname, method: 'POST', headers, body}, new Handler(resolve, reject))
    })
  }
}

function hookHeaders(id, attempt, attempts) {
  return [
    'webhook-id',
    hookId(id),
    'webhook-timestamp',
    `${Math.floor(Date.now() / 1000)}`,
    'torque-queue',
    'default',
    'torque-attempt',
    `${attempt}`,
    'torque-max-errors',
    `${attempts}`,
    'user-agent',
    userAgent,
    'content-type',
    'application/x-www-form-urlencoded',
  ]
}

class Handler {
  #resolve
  #reject
  #status = 0

  constructor(resolve, reject) {
    this.#resolve = resolve
    this.#reject = reject
  }

  onConnect() {}

  onHeaders(status) {
    this.#status = status
    return true
  }

  onData() {
    return true
  }

  onComplete() {
    if (this.#status >= 200 && this.#status < 300) this.#resolve(null)
    else this.#reject(new Error(`status ${this.#status}`))
  }

  onError(error) {
    this.#reject(error)
  }
}
