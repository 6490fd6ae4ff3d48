// The limit: the same calls with nothing but undici's Pool, 50 connections. Prints {"ms", "cpuMs"}.
import {Pool} from 'undici'

const [, , port, count] = process.argv.map(Number)
const body = 'foo=somevalue&baz=99&email=someone%40example.com&note=a+few+more+bytes+to+make+it+like+a+real+one'
const headers = {'content-type': 'application/x-www-form-urlencoded', 'webhook-id': ''}
const pool = new Pool(`http://127.0.0.1:${port}`, {connections: 50})

let [started, ended] = [0, 0]
const begin = performance.now()
const cpu = process.cpuUsage()

function next() {
  if (started === count) return
  headers['webhook-id'] = `bare${started++}`
  pool.dispatch({path: '/hooks/do/foo', method: 'POST', headers: {...headers}, body}, handler())
}

function handler() {
  return {
    onConnect() {},
    onHeaders: () => true,
    onData: () => true,
    onComplete() {
      if (++ended === count) finish()
      else next()
    },
    onError(error) {
      throw error
    },
  }
}

function finish() {
  const used = process.cpuUsage(cpu)
  console.log(JSON.stringify({ms: performance.now() - begin, cpuMs: (used.user + used.system) / 1000}))
  void pool.close()
}

for (let index = 0; index < 100; index++) next()
