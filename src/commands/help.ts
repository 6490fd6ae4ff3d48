import {string} from '@oclif/core/args'
import {Command} from '@oclif/core/command'
import {boolean} from '@oclif/core/flags'
import {loadHelpClass} from '@oclif/core/help'

import {helpTopics} from '../cli/help/help-topics.js'

export default class Help extends Command {
  static override summary = 'Display help for <%= config.bin %>.'

  static override description = 'Of a command, or of exit-codes, or of filters.'

  static override examples = [
    {description: 'What a command takes', command: '<%= config.bin %> <%= command.id %> add'},
    {description: 'What exit codes mean', command: '<%= config.bin %> <%= command.id %> exit-codes'},
    {description: 'How to select tasks', command: '<%= config.bin %> <%= command.id %> filters'},
  ]

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
    const topic = helpTopics.find((name) => words.join(' ') === name)
    if (topic) return this.#tell(topic)
    if (words.length > 0 && !this.#isKnown(words)) return this.#refuse(words)
    const HelpClass = await loadHelpClass(this.config)
    await new HelpClass(this.config, {all: flags['nested-commands']}).showHelp(words)
  }

  async #tell(topic: (typeof helpTopics)[number]): Promise<void> {
    const {topicTexts} = await import('../cli/help/help-topic-texts.js')
    process.stdout.write(topicTexts[topic])
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
      import('../cli/terminal/output.js'),
      import('../cli/report-error.js'),
      import('../cli/help/unknown-command.js'),
    ])
    const names = this.config.commands.filter(({hidden}) => !hidden).map(({id}) => id.replaceAll(':', ' '))
    const {stdout, stderr, env} = process
    const output = new Output({stdout, stderr, env, noColor: false})
    process.exitCode = await reportError(unknownCommand(words, names), output, {json: false})
  }
}
