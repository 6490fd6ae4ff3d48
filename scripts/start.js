// `npm start`: builds and puts a Redis engine in place if need be, then is `torque serve`, with the flags after `--`.
// In this very process, so that signals and the exit code are those of `serve`.
import {fileURLToPath} from 'node:url'

import {build, engine} from './set-up.js'

const say = (line) => process.stderr.write(`${line}\n`)

try {
  await build({say})
  if (!namesRedis()) await engine({say})
} catch (error) {
  say(`torque cannot start: ${error.message}${error.hint ? `\n${error.hint}` : ''}`)
  process.exit(error.exitCode ?? 1)
}
// As if it had been started by name, so that its workers are, too.
process.argv.splice(1, 1, fileURLToPath(new URL('../bin/run.js', import.meta.url)), 'serve')
for (const name of ['SIGINT', 'SIGTERM']) swallowEcho(name)
await import('../bin/run.js')

/** A Redis that is named is used, or it is an error: then no engine of our own is wanted. */
function namesRedis() {
  const flag = process.argv.some((argument) => argument === '--redis' || argument.startsWith('--redis='))
  return flag || Boolean(process.env.TORQUE_REDIS_URL || process.env.REDIS_URL)
}

/**
 * At Ctrl-C the signal comes twice: from the terminal, and from npm, which passes on its own. The second one is no wish to
 * leave at once; a real one comes later. `serve` itself listens no more once it has heard the first.
 */
function swallowEcho(name) {
  let timer
  const listener = () => {
    const isFirst = !timer
    timer ??= setTimeout(() => process.off(name, listener), 300).unref()
    if (!isFirst || process.listenerCount(name) > 1) return
    // `serve` is not there yet: the signal does what it does by default.
    process.off(name, listener)
    process.kill(process.pid, name)
  }
  process.on(name, listener)
}
