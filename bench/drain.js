// How fast a backlog drains, beside a bare undici loop that makes the same calls: rounds in turn, ratios first.
//
//     node drain.js [TASKS] [ROUNDS] [SETTINGS]     20000 and 5, and a JSON object of dispatcher settings, unless given
import {execFile} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'

import {Store} from '../dist/queue/store.js'
import {newTask} from '../dist/task/new-task.js'
import {median, startReceiver, startRedis} from './lib/set-up.js'

const run = promisify(execFile)
const [tasks = 20_000, rounds = 5] = process.argv.slice(2, 4).map(Number)
const settings = process.argv[4] ?? '{}'
const params = '{"foo":"somevalue","baz":99,"email":"someone@example.com","note":"a few more bytes to make it like a real one"}'

const redis = await startRedis()
const receiver = await startReceiver()
const results = []
for (let round = 0; round < rounds; round++) {
  const bare = await measure('bare-loop.js', [receiver.port, tasks])
  await receiver.take()
  const namespace = `bench${round}`
  await fill(namespace)
  const torque = await measure('torque-drain.js', [redis.url, namespace, settings])
  const {distinct, total} = await receiver.take()
  if (distinct !== tasks || total !== tasks) throw new Error(`${tasks} tasks: ${distinct} arrived, in ${total} calls`)
  results.push({bare, torque})
  console.log(`round ${round + 1}: bare ${rate(bare)}/s, torque ${rate(torque)}/s, ratio ${(bare.ms / torque.ms).toFixed(2)}`)
}
report()
receiver.stop()
await redis.stop()

async function measure(script, args) {
  const path = fileURLToPath(new URL(`lib/${script}`, import.meta.url))
  const {stdout} = await run(process.execPath, [path, ...args.map(String)])
  return JSON.parse(stdout)
}

async function fill(namespace) {
  const store = await Store.open({redisUrl: redis.url, namespace, profile: 'command'})
  const url = `http://127.0.0.1:${receiver.port}/hooks/do/foo`
  for (let from = 0; from < tasks; from += 500) {
    const batch = Array.from({length: Math.min(500, tasks - from)}, () => newTask({url, params}))
    await store.queue('default').add(batch)
  }
  await store.close()
}

function rate({ms}) {
  return Math.round((tasks / ms) * 1000)
}

function report() {
  const ratios = results.map(({bare, torque}) => bare.ms / torque.ms)
  const cpu = results.map(({bare, torque}) => torque.cpuMs / bare.cpuMs)
  const range = (numbers) =>
    `${median(numbers).toFixed(2)} (${Math.min(...numbers).toFixed(2)} to ${Math.max(...numbers).toFixed(2)})`
  console.log(`\n${tasks} tasks, ${rounds} rounds, no loss, no duplicate`)
  console.log(`rate, × bare loop   ${range(ratios)}`)
  console.log(`CPU, × bare loop    ${range(cpu)}`)
}
