// torque's endpoint without a store: what takes and checks a task costs so much, whatever is behind it. It answers the tasks of one
// turn of the event loop together, as one does that has them from a store: each by itself costs a third more, on both sides.
//
//     node null-serve.js COMPILED
import {startEndpoint} from '../lib/endpoint.js'

await startEndpoint(process.argv[2], ({id}) => new Promise((resolve) => setImmediate(resolve, id)))
