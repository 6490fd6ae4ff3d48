// Calls what its first argument names, so many at once, kind by kind, and prints what came of it: for each kind the outcomes and how
// many sockets stayed open, and how far the memory grew, in MB.
import {Deliverer} from '../../dist/dispatch/deliver.js'

const {kinds, atOnce} = JSON.parse(process.argv[2])
const egress = {judge: () => null, judgeName: () => null}
const deliverer = new Deliverer({userAgent: 'torque/1', connections: atOnce, egress})

const call = ({url, timeoutMs}, attempt) =>
  deliverer.deliver({
    task: {
      id: `t${attempt}`,
      url,
      method: 'POST',
      payload: {kind: 'none'},
      headers: {},
      flowKey: '',
      createdAt: 0,
      dedupKeys: [],
    },
    queue: 'default',
    attempt,
    maxErrors: 10,
    startedAt: Date.now(),
    timeoutMs,
  })

const round = (kind) => Promise.all(Array.from({length: atOnce}, (_, at) => call(kind, at + 1)))
const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name)).length
const megabytes = () => process.resourceUsage().maxRSS / 1024

// What a process grows by when it first calls anything, over either scheme, is no harm that a receiver does.
for (const kind of kinds.filter(({warms}) => warms)) for (let i = 0; i < 5; i++) await round(kind)

const before = megabytes()
const results = []
for (const each of kinds) {
  const outcomes = await round(each)
  // A connection that is let go of closes a turn of the event loop later.
  for (let turn = 0; turn < 50 && sockets() > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 20))
  const codes = [...new Set(outcomes.map(({error, status}) => error ?? status))]
  results.push({
    kind: each.kind,
    codes,
    open: sockets(),
    kept: Math.max(...outcomes.map(({response}) => Buffer.byteLength(response ?? ''))),
  })
}
process.stdout.write(JSON.stringify({results, grownBy: megabytes() - before}))
await deliverer.close()
