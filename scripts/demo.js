// `npm run demo`: from nothing to hooks that are delivered, retried, binned and revived. Ends by itself and leaves nothing behind.
import {chapter, note, title} from './demo/screen.js'
import {Stage} from './demo/stage.js'
import {Targets} from './demo/targets.js'
import {build, engine} from './set-up.js'

/** Short waits, so that nobody gets bored; the defaults are 2 s and a factor of 4. */
const flags = ['--min-backoff', '300ms', '--backoff-factor', '2']
/** From a running engine on; several times what it takes on a slow machine. */
const limitMs = 60_000
const exitCodes = {SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143}

const stopping = new AbortController()
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(name, () => stopping.abort(name))

const stage = new Stage({signal: stopping.signal})
const targets = new Targets()
// Nobody reads on (`| head`): then there is nothing to show.
process.stdout.on('error', () => stopping.abort('SIGPIPE'))
process.exitCode = await play().then(() => 0, explain)
await Promise.all([targets.close(), stage.stop()])

async function play() {
  title('torque: web hooks, kept in Redis and called until they arrive')
  await build({say: note})
  const {product, version, source, env} = await engine({say: note, spareHome: stage.dir})
  note(`engine  ${product} ${version}, ${source === 'path' ? 'found on the PATH' : 'fetched by torque'}`)
  stopping.signal.throwIfAborted()
  setTimeout(() => stopping.abort('timeout'), limitMs).unref()
  await stage.start(env, flags)
  note(`serve   ${stage.url}`)
  const {tell} = await import('./demo/story.js')
  await tell({stage, targets, signal: stopping.signal})
  sayWhatNext()
}

function sayWhatNext() {
  chapter('That was all of it. What to type next, each in a terminal of its own:')
  note('npm start                    a torque that stays, on http://localhost:8090')
  note('bin/torque listen            a target that prints the hooks it gets')
  note('bin/torque add http://localhost:8091/hooks/do/foo --param foo=somevalue')
  note('bin/torque list              then show ID, retry --all, purge --all, stats; --help says more')
}

/** Says why it did not work, and answers with the exit code. */
function explain(error) {
  const reason = stopping.signal.reason
  if (exitCodes[reason]) return exitCodes[reason]
  const what = reason === 'timeout' ? `something did not happen within ${limitMs / 1000} s` : error.message
  const said = stage.log ? `\n\nThe last that serve said:\n${stage.log}` : ''
  process.stderr.write(`\nThe demo failed: ${what}${error.hint ? `\n${error.hint}` : ''}${said}\n`)
  return 1
}
