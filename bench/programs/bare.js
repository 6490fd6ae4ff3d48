// The limit: the calls that torque makes, byte for byte, with nothing but undici. 50 connections to the one origin, 100 calls in flight.
//
//     node bare.js '{"port": 40000, "origins": 1, "count": 20000}'
import {Client, Pool} from 'undici'

import {form, hookUrls, userAgent} from '../lib/task.js'

const {port, origins, count} = JSON.parse(process.argv[2])
const inFlight = 100
const targets = hookUrls(port, origins)
  .map((url) => new URL(url))
  .map(({origin, pathname}) => ({path: pathname, pool: pool(origin)}))
let [started, ended] = [0, 0]

/** Where there are many, one connection to each is enough. */
function pool(origin) {
  return origins === 1 ? new Pool(origin, {connections: 50, pipelining: 1}) : new Client(origin, {pipelining: 1})
}

class Handler {
  onConnect() {}
  onHeaders() {
    return true
  }
  onData() {
    return true
  }
  onComplete() {
    ended++
    next()
  }
  onError(error) {
    throw error
  }
}

function next() {
  if (started === count) return
  const number = started++
  const {path, pool} = targets[number % targets.length]
  pool.dispatch({path, method: 'POST', headers: headers(`0bare${String(number).padStart(15, '0')}`), body: form}, new Handler())
}

function headers(id) {
  return [
    'webhook-id',
    id,
    'webhook-timestamp',
    `${Math.floor(Date.now() / 1000)}`,
    'torque-queue',
    'default',
    'torque-attempt',
    '1',
    'torque-max-errors',
    '10',
    'user-agent',
    userAgent,
    'content-type',
    'application/x-www-form-urlencoded',
  ]
}

process.stderr.write('{"msg":"ready"}\n')
for (let index = 0; index < inFlight; index++) next()
// Waits to be stopped, as the others do.
process.on('SIGTERM', () => process.exit(ended === count ? 0 : 1))
setInterval(() => {}, 60_000)
