// Sends requests at a steady rate, whatever becomes of them, and notes when each went out. Prints `[[webhook-id, ms], …]`, by the
// clock that all processes share. To an endpoint: adds, and the id is the one in the answer. To a receiver: the hook itself.
//
//     node pace.js '{"url": "...", "body": "...", "headers": {}, "perSecond": 100, "seconds": 10, "adds": true}'
import {HttpConnection, post} from '../lib/http-connection.js'

const {url, body, headers, perSecond, seconds, adds} = JSON.parse(process.argv[2])
const everyMs = 1000 / perSecond
const count = perSecond * seconds
const sent = []
const free = Array.from({length: 20}, () => new HttpConnection(url))
let ended = 0

await Promise.all(free.map(({ready}) => ready))
const begin = performance.now()
next(0)

/** Each somewhere in its own interval, so that no two processes fall into step. */
function next(number) {
  if (number === count) return
  const at = begin + (number + Math.random()) * everyMs
  setTimeout(() => {
    sendOne(number)
    next(number + 1)
  }, at - performance.now())
}

function sendOne(number) {
  const connection = free.pop()
  if (!connection) throw new Error('the answers do not keep up')
  const own = `pace${String(number).padStart(16, '0')}`
  const request = post(url, adds ? headers : {...headers, 'webhook-id': own}, body)
  const at = Number(process.hrtime.bigint()) / 1e6
  connection.send(request, (_head, answer) => {
    sent.push([adds ? JSON.parse(answer).id : own, at])
    free.push(connection)
    if (++ended === count) finish()
  })
}

function finish() {
  for (const connection of free) connection.close()
  console.log(JSON.stringify(sent))
}
