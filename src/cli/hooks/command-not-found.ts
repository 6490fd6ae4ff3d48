import type {Hook} from '@oclif/core/hooks'

import {TorqueError} from '../../errors.js'
import {Output} from '../output.js'
import {reportError} from '../report-error.js'
import {suggest} from '../suggest.js'

/** An unknown command is a usage error that names the one that was probably meant. */
const commandNotFound: Hook<'command_not_found'> = async function ({id, argv = [], config}) {
  const names = config.commands.filter(({hidden}) => !hidden).map((command) => command.id.replaceAll(':', ' '))
  const output = new Output({
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    noColor: argv.includes('--no-color'),
  })
  // oclif joins words with colons as long as they could be a command; people type spaces.
  const error = notFound(id.replaceAll(':', ' '), names)
  process.exitCode = await reportError(error, output, {json: [id, ...argv].includes('--json')})
}

export default commandNotFound

function notFound(typed: string, names: string[]): TorqueError {
  const known = names.find((name) => typed.startsWith(`${name} `))
  if (known) {
    const rest = JSON.stringify(typed.slice(known.length + 1))
    return new TorqueError('usage', `\`torque ${known}\` takes no ${rest}`, {hint: `See \`torque ${known} --help\`.`})
  }
  if (typed.startsWith('-')) {
    return new TorqueError('usage', `no command before ${JSON.stringify(typed)}`, {
      hint: 'The command comes first: `torque list --json`.',
    })
  }
  const meant = suggest(typed, names) ?? suggest(typed.split(' ')[0] ?? '', names)
  const hint = `${meant ? `Did you mean \`torque ${meant}\`? ` : ''}\`torque help\` lists the commands.`
  return new TorqueError('usage', `there is no command ${JSON.stringify(typed)}`, {hint})
}
