import type {Hook} from '@oclif/core/hooks'

import {TorqueError} from '../../errors.js'
import {Output} from '../terminal/output.js'
import {reportError} from '../report-error.js'
import {unknownCommand} from '../help/unknown-command.js'

/** An unknown command is a usage error that names the one that was probably meant. */
const commandNotFound: Hook<'command_not_found'> = async function ({id, argv = [], config}) {
  const names = config.commands.filter(({hidden}) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const output = new Output({
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    noColor: argv.includes('--no-color'),
  })
  process.exitCode = await reportError(notFound(typedWords(), id, names), output, {json: [id, ...argv].includes('--json')})
}

export default commandNotFound

/** As they were typed: oclif joins words with colons as long as they could be a command. */
function typedWords(): string[] {
  const words = process.argv.slice(2)
  const flag = words.findIndex((word) => word.startsWith('-'))
  return flag < 0 ? words : words.slice(0, flag)
}

function notFound(words: readonly string[], id: string, names: readonly string[]): TorqueError {
  if (words.length > 0) return unknownCommand(words, names)
  return new TorqueError('usage', `no command before ${JSON.stringify(id)}`, {
    hint: 'The command comes first: `torque list --json`.',
  })
}
