// torque's endpoint, the whole of it (intake, routes, reading, validation), before something else than torque's store.
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'

/** Starts it from compiled sources in `dir`; `add(task)` resolves to the id of what it added. Says that it is ready, and where. */
export async function startEndpoint(dir, add) {
  const load = (path) => import(pathToFileURL(join(dir, path)).href)
  const [{Endpoint}, {EgressPolicy}] = await Promise.all([load('http/server.js'), load('task/address.js')])
  const endpoint = new Endpoint({
    host: '127.0.0.1',
    port: 0,
    tokens: {admin: [], add: []},
    trustedHosts: [],
    // No route that is measured here looks into it.
    store: null,
    egress: new EgressPolicy({mode: 'internal', allow: [], deny: [], own: []}),
    add: (queue, tasks) => Promise.all(tasks.map(async (task) => ({...added, id: await add(task), queue}))),
    ready: () => ({ready: true}),
    log: console,
  })
  const {url} = await endpoint.start()
  process.stderr.write(`${JSON.stringify({msg: 'ready', url})}\n`)
  process.on('SIGTERM', () => void endpoint.stop().then(() => process.exit(0)))
}

const added = {state: 'ready', dueAt: null, duplicate: false}
