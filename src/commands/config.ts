import {ResultCommand} from '../cli/base-command.js'
import type {ConfigEntry} from '../cli/config/config-entries.js'

/** The `--json` document. */
interface ConfigReport {
  settings: ConfigEntry[]
  /** The config files that were read, the one that wins first. */
  files: string[]
}

export default class Config extends ResultCommand {
  static override summary = 'Show every setting, its value, and where that came from.'

  static override description =
    'A flag wins over all of it. Passwords and tokens are not shown. Off a terminal a setting is a line with TABs between: name, value, source ' +
    '(default, the name of a variable, or the path of a file).'

  static override examples = [
    {description: 'What holds here', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'What is not the default', command: `<%= config.bin %> <%= command.id %> | awk -F'\\t' '$3 != "default"'`},
  ]

  async run(): Promise<ConfigReport> {
    await this.parse(Config)
    const [{configEntries}, {serveFlags}, {serveOptions}] = await Promise.all([
      import('../cli/config/config-entries.js'),
      import('../cli/serve/serve-flags.js'),
      import('../cli/serve/serve-options.js'),
    ])
    // What `serve` would refuse is not in force.
    const {flags} = await this.parseWithFiles({flags: serveFlags}, [])
    serveOptions(flags, {env: process.env, setting: (name, flag) => this.setting(name, flag)})
    const serve = this.config.findCommand('serve', {must: true})
    const settings = configEntries(this.settings, serve.flags, process.env)
    if (!this.jsonEnabled()) {
      const cells = settings.map(({name, value, source}) => [name, value ?? '', source])
      await this.output.rows([{head: 'SETTING'}, {head: 'VALUE', shrink: true}, {head: 'FROM'}], cells)
    }
    return {settings, files: this.settings.paths}
  }
}
