// `node scripts/prove/deliver.js COMMAND…`: starts `COMMAND… -p PORT`, which must be a `torque serve`, and proves that it becomes
// ready, takes a task over HTTP, calls its hook, and ends with exit code 0 at SIGTERM.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createServer} from 'node:http'
import {text} from 'node:stream/consumers'
import {setTimeout as sleep} from 'node:timers/promises'

const command = process.argv.slice(2)
/** Long enough to fetch an engine over a slow line. */
const limitMs = 180_000

const receiver = createServer().listen(0, '127.0.0.1')
await once(receiver, 'listening')
const port = await freePort()
const url = `http://127.0.0.1:${port}`

const [program, ...args] = [...command, '-p', String(port)]
const serve = spawn(program, args, {stdio: ['ignore', 'inherit', 'inherit']})
const ended = once(serve, 'exit').then(([code, signal]) => signal ?? `exit code ${code}`)
setTimeout(() => fail(`not done after ${limitMs / 1000} s`), limitMs)

const early = ended.then((how) => Promise.reject(new Error(`ended at once: ${how}`)))
const [received] = await Promise.race([delivery(), early]).catch((error) => fail(error.message))
if (received !== 'POST /hooks/do/foo foo=somevalue&baz=99') fail(`the hook arrived as ${received}`)
serve.kill('SIGTERM')
const end = await ended
if (end !== 'exit code 0') fail(`ended at SIGTERM with ${end}`)
console.log(`proved: ${command.join(' ')}`)
process.exit(0)

async function delivery() {
  while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok) await sleep(100)
  return Promise.all([nextCall(), add()])
}

async function add() {
  const target = `http://127.0.0.1:${receiver.address().port}/hooks/do/foo`
  const body = new URLSearchParams({url: target, params: '{"foo": "somevalue", "baz": 99}'})
  const answer = await fetch(`${url}/hooks/add`, {method: 'POST', body})
  if (answer.status !== 200) fail(`the add was answered ${answer.status}: ${await answer.text()}`)
}

async function nextCall() {
  const [request, response] = await once(receiver, 'request')
  const form = await text(request)
  response.end()
  return `${request.method} ${request.url} ${form}`
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port: free} = server.address()
  server.close()
  return free
}

function fail(reason) {
  console.error(`${command.join(' ')}: ${reason}`)
  serve.kill('SIGTERM')
  process.exit(1)
}
