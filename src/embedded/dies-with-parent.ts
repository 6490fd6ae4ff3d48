import {findProgram} from './find-program.js'
import type {Environment} from './home.js'
import {runProgram} from './run-program.js'

/** What to put before a command so that the kernel ends it, with SIGTERM, when the process that started it dies. Empty where that is not possible. */
export async function diesWithParent(env: Environment): Promise<string[]> {
  const setpriv = await findProgram('setpriv', env)
  const prefix = setpriv ? [setpriv, '--pdeathsig', 'TERM', '--'] : []
  // Some systems have a smaller setpriv, without the option.
  const works = setpriv && (await runProgram(setpriv, [...prefix.slice(1), 'true'], {env})).code === 0
  return works ? prefix : []
}
