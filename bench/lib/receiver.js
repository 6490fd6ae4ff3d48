// A receiver in a process of its own: answers 200 and counts how often each webhook-id came. IPC: 'take' answers and forgets.
import {createServer} from 'node:http'

let calls = new Map()

const server = createServer((request, response) => {
  const id = request.headers['webhook-id'] ?? ''
  calls.set(id, (calls.get(id) ?? 0) + 1)
  request.resume()
  response.setHeader('content-length', 0)
  response.end()
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({port: server.address().port}))

process.on('message', () => {
  let total = 0
  for (const count of calls.values()) total += count
  process.send({distinct: calls.size, total})
  calls = new Map()
})
process.on('disconnect', () => process.exit())
