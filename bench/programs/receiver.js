// The target of every call, in a process of its own. A socket server that reads just enough HTTP to find where a request ends and
// which webhook-id it has: it must never be what holds the others up.
//
//     node receiver.js '{"host": "127.0.0.1", "status": 200}'        IPC: {expect, times} and 'take', see lib/receiver.js
import {createServer} from 'node:net'

const {host = '127.0.0.1', status = 200} = JSON.parse(process.argv[2] ?? '{}')
const answer = `HTTP/1.1 ${status} ${status === 200 ? 'OK' : 'No'}\r\ncontent-length: 0\r\n\r\n`
const blank = '\r\n\r\n'
const idHeader = '\r\nwebhook-id: '
const lengthHeader = '\r\ncontent-length: '

let seen
expect({})

function expect({count = Infinity, times = false}) {
  seen = {ids: new Set(), count, calls: 0, bytes: 0, firstAt: 0, lastAt: 0, times: times ? [] : null, cpu: process.cpuUsage()}
}

function note(id, bytes) {
  if (seen.calls++ === 0) process.send({first: (seen.firstAt = now())})
  seen.bytes += bytes
  seen.times?.push([id, now()])
  const before = seen.ids.size
  if (seen.ids.add(id).size !== seen.count || before === seen.count) return
  seen.lastAt = now()
  process.send({all: {firstAt: seen.firstAt, lastAt: seen.lastAt}})
}

/** The clock that all processes of a machine share, in ms. */
function now() {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Takes the whole requests at the front of a text, and returns what is left and how many they were. */
function takeRequests(text) {
  let [at, count] = [0, 0]
  for (;;) {
    const end = endOfRequest(text, at)
    if (end === -1) return {rest: at === 0 ? text : text.slice(at), count}
    const id = text.indexOf(idHeader, at)
    note(id === -1 || id >= end ? '' : text.slice(id + idHeader.length, text.indexOf('\r', id + idHeader.length)), end - at)
    at = end
    count++
  }
}

/** Where the request that begins at `at` ends; -1 when it is not all here. */
function endOfRequest(text, at) {
  const head = text.indexOf(blank, at)
  if (head === -1) return -1
  const length = text.indexOf(lengthHeader, at)
  const body = length === -1 || length >= head ? 0 : parseInt(text.slice(length + lengthHeader.length, head), 10)
  const end = head + blank.length + body
  return end <= text.length ? end : -1
}

const server = createServer({noDelay: true}, (socket) => {
  let kept = ''
  socket.on('data', (chunk) => {
    const {rest, count} = takeRequests(kept + chunk.latin1Slice())
    kept = rest
    if (count > 0) socket.write(count === 1 ? answer : answer.repeat(count), 'latin1')
  })
  socket.on('error', () => {})
})
server.listen({host, port: 0, backlog: 4096}, () => process.send({port: server.address().port}))

process.on('message', (message) => {
  if (message !== 'take') return expect(message)
  const {ids, calls, bytes, times} = seen
  const {user, system} = process.cpuUsage(seen.cpu)
  process.send({taken: {distinct: ids.size, calls, bytes, times, cpuMs: (user + system) / 1000}})
})
process.on('disconnect', () => process.exit())
