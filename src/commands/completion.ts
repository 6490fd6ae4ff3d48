import {string as stringArg} from '@oclif/core/args'

import {BaseCommand} from '../cli/base-command.js'
import {shells} from '../cli/completion/complete.js'
import {stubs} from '../cli/completion/completion-stubs.js'

export default class Completion extends BaseCommand {
  static override summary = 'Print what a shell needs to complete torque: commands, flags, states, queues, recent ids.'

  static override description =
    'For this session: `eval "$(torque completion bash)"`, the same with zsh, or `torque completion fish | source`. In the start-up file of ' +
    'the shell it holds for all of them. Without Redis, what needs it is not completed.'

  static override examples = [
    {description: 'In ~/.bashrc', command: 'eval "$(<%= config.bin %> <%= command.id %> bash)"'},
    {description: 'In ~/.zshrc, after compinit', command: 'eval "$(<%= config.bin %> <%= command.id %> zsh)"'},
    {description: 'In ~/.config/fish/config.fish', command: '<%= config.bin %> <%= command.id %> fish | source'},
  ]

  static override args = {
    shell: stringArg({description: 'Which shell.', required: true, options: [...shells], ignoreStdin: true}),
  }

  async run(): Promise<void> {
    const {args} = await this.parse(Completion)
    await this.output.write(stubs[args.shell as (typeof shells)[number]])
  }
}
