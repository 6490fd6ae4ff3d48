// A BullMQ worker that calls hooks: its handler does what torque's delivery does with the same undici, and no more.
//
//     node bullmq-worker.js SOCKET
import {Worker} from 'bullmq'

import {bullmqQueue} from '../lib/bullmq.js'
import {caller} from '../lib/call-hook.js'

const {name, options} = bullmqQueue(process.argv[2])
const call = caller()
const worker = new Worker(name, call, {...options, concurrency: 100, removeOnComplete: {count: 1000}})
worker.on('error', (error) => process.stderr.write(`${error.stack}\n`))
await worker.waitUntilReady()
process.stderr.write('{"msg":"ready"}\n')
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)))
