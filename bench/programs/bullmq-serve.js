// torque's endpoint with BullMQ behind it, and with `work` a worker in the same process, as `torque serve` has its dispatcher.
//
//     node bullmq-serve.js COMPILED SOCKET [work]
import {Queue, Worker} from 'bullmq'

import {bullmqQueue, hookId} from '../lib/bullmq.js'
import {caller} from '../lib/call-hook.js'
import {startEndpoint} from '../lib/endpoint.js'

const [, , dir, socket, work] = process.argv
const {name, options} = bullmqQueue(socket)
const queue = new Queue(name, options)
await queue.waitUntilReady()
if (work) {
  const worker = new Worker(name, caller(), {...options, concurrency: 100, removeOnComplete: {count: 1000}})
  worker.on('error', (error) => process.stderr.write(`${error.stack}\n`))
  await worker.waitUntilReady()
}
await startEndpoint(dir, async ({url, payload, due}) => {
  const job = await queue.add('hook', {url, params: JSON.parse(payload.text)}, {delay: due?.delayMs ?? 0})
  return hookId(job.id)
})
