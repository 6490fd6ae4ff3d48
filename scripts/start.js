// `npm start`: builds and puts a Redis engine in place if need be, then is `torque serve`, with the flags after `--`.
// In this very process, so that signals and the exit code are those of `serve`.
import {build, engine} from './set-up.js'

const say = (line) => process.stderr.write(`${line}\n`)

try {
  await build({say})
  if (!namesRedis()) await engine({say})
} catch (error) {
  say(`torque cannot start: ${error.message}${error.hint ? `\n${error.hint}` : ''}`)
  process.exit(error.exitCode ?? 1)
}
process.argv.splice(2, 0, 'serve')
await import('../bin/run.js')

/** A Redis that is named is used, or it is an error: then no engine of our own is wanted. */
function namesRedis() {
  const flag = process.argv.some((argument) => argument === '--redis' || argument.startsWith('--redis='))
  return flag || Boolean(process.env.TORQUE_REDIS_URL || process.env.REDIS_URL)
}
