/** Plays `torque serve`: starts the engine of a home, says so, and lives until it is told to end or killed. */
import {Engine} from '../../src/embedded/engine.js'
import {TorqueError} from '../../src/errors.js'

const engine = new Engine({home: process.argv[2]!, env: process.env})
// The engine alone does not keep a process alive; a serve has its listener.
const listener = setInterval(() => {}, 60_000)
process.once('SIGTERM', () => {
  clearInterval(listener)
  void engine.stop()
})
try {
  const {pid, adopted} = await engine.start()
  say({pid, adopted})
} catch (error) {
  clearInterval(listener)
  say(error instanceof TorqueError ? error.toJSON() : {error: {code: 'unknown', message: String(error)}})
}

function say(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
