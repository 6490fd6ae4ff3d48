import {fork} from 'node:child_process'
import {fileURLToPath} from 'node:url'

import {endWithUs} from './children.js'
import {hookUrls} from './task.js'
import {message, within} from './wait.js'

const program = fileURLToPath(new URL('../programs/receiver.js', import.meta.url))

/** Nothing here takes longer; what hangs fails. */
const patienceMs = 300_000

/**
 * Starts the receiver: it answers every call with `status` and counts.
 *
 * - `expect(count, {times})` forgets all so far. `first` resolves to when the first call came, `all` to `{firstAt, lastAt}` when so
 *   many different tasks have called (ms of `process.hrtime`).
 * - `take()` resolves to `{distinct, calls, bytes, cpuMs, times}` since then: different tasks, calls, bytes of the requests, the
 *   receiver's CPU time, and `[webhook-id, ms]` of each call where `times` was asked for.
 */
export async function startReceiver({host = '127.0.0.1', status = 200} = {}) {
  const child = fork(program, [JSON.stringify({host, status})])
  endWithUs(child)
  const port = await message(child, 'port')
  return {
    port,
    url: hookUrls(port, 1)[0],
    expect(count, {times = false} = {}) {
      const first = within(patienceMs, message(child, 'first'), 'the first call')
      const all = within(patienceMs, message(child, 'all'), `${count} calls`)
      // Whoever waits for one of them only is not to be ended by the other.
      for (const promise of [first, all]) promise.catch(() => {})
      child.send({count, times})
      return {first, all}
    },
    async take() {
      const taken = message(child, 'taken')
      child.send('take')
      return taken
    },
    stop: () => child.disconnect(),
  }
}
