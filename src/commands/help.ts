import {string} from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {boolean} from '@oclif/core/flags'
import {loadHelpClass} from '@oclif/core/help'

export default class Help extends Command {
  static override summary = 'Display help for <%= config.bin %>.'

  static override examples = [{description: 'What a command takes', command: '<%= config.bin %> <%= command.id %> add'}]

  static override args = {
    command: string({description: 'Command to show help for.', ignoreStdin: true}),
  }

  static override flags = {
    'nested-commands': boolean({char: 'n', description: 'Include all nested commands in the output.', default: false}),
  }

  // A command's name may be several words.
  static override strict = false

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(Help)
    const words = argv as string[]
    if (words.length > 0 && !this.#isKnown(words)) return this.#refuse(words)
    const HelpClass = await loadHelpClass(this.config)
    await new HelpClass(this.config, {all: flags['nested-commands']}).showHelp(words)
  }

  #isKnown([first = '', second]: string[]): boolean {
    const {config} = this
    if (config.findCommand(first)) return true
    return (
      config.findTopic(first) !== undefined && (second === undefined || config.findCommand(`${first}:${second}`) !== undefined)
    )
  }

  async #refuse(words: string[]): Promise<void> {
    const [{Output}, {reportError}, {unknownCommand}] = await Promise.all([
      import('../cli/output.js'),
      import('../cli/report-error.js'),
      import('../cli/unknown-command.js'),
    ])
    const names = this.config.commands.filter(({hidden}) => !hidden).map(({id}) => id.replaceAll(':', ' '))
    const {stdout, stderr, env} = process
    const output = new Output({stdout, stderr, env, noColor: false})
    process.exitCode = await reportError(unknownCommand(words, names), output, {json: false})
  }
}
