// One drain by torque's dispatcher as `serve` sets it up, in a process of its own. Prints {"ms", "cpuMs"}.
import {Deliverer} from '../../dist/dispatch/deliver.js'
import {Dispatcher} from '../../dist/dispatch/dispatcher.js'
import {createLogger} from '../../dist/log.js'
import {Store} from '../../dist/queue/store.js'
import {EgressPolicy} from '../../dist/task/address.js'
import {defaultBackoff} from '../../dist/task/backoff.js'
import {defaultLimits} from '../../dist/task/limits.js'

const [, , redisUrl, namespace, options = '{}'] = process.argv
const log = await createLogger({level: 'info', pretty: false, color: false})
const store = await Store.open({redisUrl, namespace, profile: 'dispatcher'})
const egress = new EgressPolicy({mode: 'internal', allow: [], deny: [], own: []})
const deliverer = new Deliverer({userAgent: 'torque/bench', connections: 100, egress})
const settings = {concurrency: 100, laneConcurrency: 0, leaseMs: 15_000, keepDelivered: 1000, ...JSON.parse(options)}
const dispatcher = new Dispatcher({store, deliverer, ...settings, limits: defaultLimits, backoff: defaultBackoff, log})

const begin = performance.now()
const cpu = process.cpuUsage()
await dispatcher.start()
await dispatcher.drained()
const used = process.cpuUsage(cpu)
console.log(JSON.stringify({ms: performance.now() - begin, cpuMs: (used.user + used.system) / 1000}))
await dispatcher.stop({timeoutMs: 1000})
await deliverer.close()
await store.close()
