import {TorqueError} from '../../errors.js'
import {suggest} from '../../suggest.js'

/** The error of words that are no command, naming the one that was probably meant. `names` are those of all commands. */
export function unknownCommand(words: readonly string[], names: readonly string[]): TorqueError {
  const known = names.find((name) => words.join(' ').startsWith(`${name} `))
  if (known !== undefined) return tooMuch(known, words.slice(known.split(' ').length).join(' '))
  const [first = ''] = words
  const isTopic = names.some((name) => name.startsWith(`${first} `))
  const typed = isTopic ? words.slice(0, 2).join(' ') : first
  const meant = suggest(words.slice(0, 2).join(' '), names) ?? suggest(typed, names)
  const hint = `${meant === undefined ? '' : `Did you mean \`torque ${meant}\`? `}\`torque help\` lists the commands.`
  return new TorqueError('usage', `there is no command ${JSON.stringify(typed)}`, {hint})
}

function tooMuch(command: string, rest: string): TorqueError {
  return new TorqueError('usage', `\`torque ${command}\` takes no ${JSON.stringify(rest)}`, {
    hint: `See \`torque ${command} --help\`.`,
  })
}
