import {ResultCommand} from '../../cli/base-command.js'
import type {EngineStatus} from '../../embedded/status.js'

export default class RedisStatus extends ResultCommand {
  static override summary = 'Show the private Redis of `torque serve`.'

  static override description =
    'Exit 69 when it is not running. Off a terminal a field is a line: name, TAB, value. ' +
    'Its directory is TORQUE_HOME, or torque in the state directory of the user.'

  static override examples = [
    {description: 'See whether it runs, and where', command: '<%= config.bin %> <%= command.id %>'},
    {
      description: 'Look into it',
      command: `redis-cli -s "$(<%= config.bin %> <%= command.id %> | awk -F'\\t' '$1 == "socket" {print $2}')" info keyspace`,
    },
  ]

  async run(): Promise<EngineStatus> {
    await this.parse(RedisStatus)
    const [{engineStatus}, {resolveHome}] = await Promise.all([
      import('../../embedded/status.js'),
      import('../../embedded/home.js'),
    ])
    const status = await engineStatus({home: resolveHome(process.env), env: process.env})
    if (!this.jsonEnabled()) await this.#print(status)
    return status
  }

  async #print(status: EngineStatus): Promise<void> {
    const {engineCells, engineColumns, engineLines} = await import('../../cli/redis/engine-rows.js')
    await this.output.rows(engineColumns, this.output.terminal ? engineCells(status) : engineLines(status))
  }
}
