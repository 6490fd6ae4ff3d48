// Adds tasks over HTTP as fast as they are taken, each connection one at a time. Prints `{"ms", "cpuMs"}`.
//
//     node load.js '{"url": "http://127.0.0.1:8090", "body": "url=...", "count": 10000, "connections": 100}'
import {HttpConnection, post} from '../lib/http-connection.js'

const {url, body, count, connections} = JSON.parse(process.argv[2])
const request = post(`${url}/hooks/add`, {'content-type': 'application/x-www-form-urlencoded'}, body)
const all = Array.from({length: connections}, () => new HttpConnection(url))
let [started, ended] = [0, 0]

await Promise.all(all.map(({ready}) => ready))
const begin = performance.now()
const cpu = process.cpuUsage()
for (const connection of all) next(connection)

function next(connection) {
  if (started === count) return
  started++
  connection.send(request, (head, answer) => {
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`${head}\n${answer}`)
    if (++ended === count) finish()
    else next(connection)
  })
}

function finish() {
  const ms = performance.now() - begin
  const {user, system} = process.cpuUsage(cpu)
  for (const connection of all) connection.close()
  console.log(JSON.stringify({ms, cpuMs: (user + system) / 1000}))
}
