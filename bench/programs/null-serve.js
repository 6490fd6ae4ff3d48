// torque's endpoint without a store: what takes and checks a task costs so much, whatever is behind it.
//
//     node null-serve.js COMPILED
import {startEndpoint} from '../lib/endpoint.js'

await startEndpoint(process.argv[2], (task) => task.id)
