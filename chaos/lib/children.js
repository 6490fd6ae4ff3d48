// Nothing that was started outlives the run, however it ends.
import {spawn} from 'node:child_process'
import {once} from 'node:events'

const ends = new Set()

process.on('exit', () => {
  for (const end of ends) end()
})
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => process.exit(code))
}

/** Has `end()` called when this process exits; it must not wait for anything. Returns what forgets it again. */
export function atExit(end) {
  ends.add(end)
  return () => ends.delete(end)
}

/** A child that ends with this process. */
export function start(program, args, options) {
  const child = spawn(program, args, options)
  child.once(
    'exit',
    atExit(() => child.kill('SIGKILL')),
  )
  return child
}

export function isRunning(child) {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

/** Sends a signal and resolves, when it has ended, to its exit code, or to the signal that ended it. */
export async function end(child, signal) {
  if (!isRunning(child)) return child.exitCode ?? child.signalCode
  const ended = once(child, 'exit')
  child.kill(signal)
  const [code, by] = await ended
  return code ?? by
}
