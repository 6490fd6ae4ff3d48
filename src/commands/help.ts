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
    const HelpClass = await loadHelpClass(this.config)
    await new HelpClass(this.config, {all: flags['nested-commands']}).showHelp(argv as string[])
  }
}
