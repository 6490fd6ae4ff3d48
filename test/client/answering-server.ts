import {once} from 'node:events'
import {type IncomingMessage, type ServerResponse, createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {text} from 'node:stream/consumers'
import {onTestFinished} from 'vitest'

/** One answer of the script below: a status with a JSON body, or a cut connection. */
export type Answer = {status: number; body?: unknown; headers?: Record<string, string>} | 'cut' | 'hang'

export interface SeenRequest {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: unknown
  /** The caller's port. */
  connection: number | undefined
}

/** A server that gives these answers in turn, the last one for ever, and remembers what it was asked. Stands in for failing servers only. */
export async function answeringServer(...answers: (Answer | ((request: SeenRequest) => Answer))[]) {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => void answer(request, response))
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const {method = '', url: path = '', headers} = request
    const asked = {
      method,
      path,
      headers,
      body: JSON.parse((await text(request)) || 'null') as unknown,
      connection: request.socket.remotePort,
    }
    const next = answers[Math.min(seen.push(asked), answers.length) - 1]!
    give(typeof next === 'function' ? next(asked) : next, response)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }
  onTestFinished(stop)
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop}
}

function give(answer: Answer, response: ServerResponse): void {
  if (answer === 'hang') return
  if (answer === 'cut') return void response.destroy()
  response
    .writeHead(answer.status, {'content-type': 'application/json', ...answer.headers})
    .end(JSON.stringify(answer.body ?? {}))
}

/** What torque answers to a task that it added. */
export function added({body}: SeenRequest): Answer {
  return {status: 201, body: result(body)}
}

export function addedAll({body}: SeenRequest): Answer {
  return {status: 200, body: (body as unknown[]).map(result)}
}

function result(task: unknown) {
  const {id = 'given-by-the-server', queue = 'default'} = task as {id?: string; queue?: string}
  return {id, queue, state: 'ready', dueAt: '2026-11-23T17:00:00.000Z', duplicate: false}
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<string> {
  const {url, stop} = await answeringServer({status: 500})
  stop()
  return url
}
