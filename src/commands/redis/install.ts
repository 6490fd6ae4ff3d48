import {ResultCommand} from '../../cli/base-command.js'
import type {InstalledEngine} from '../../embedded/install.js'

export default class RedisInstall extends ResultCommand {
  static override summary = 'Put a Redis server in place for `torque serve`, without root.'

  static override description =
    "On Debian and Ubuntu: fetches the package from the system's own sources and unpacks it in the directory of torque. " +
    'Elsewhere it names the command to run. Does nothing where a server is there already. ' +
    'Off a terminal it prints one line with TABs between: product, version, source (path or installed), program.'

  static override examples = [{description: 'Put one in place', command: '<%= config.bin %> <%= command.id %>'}]

  async run(): Promise<InstalledEngine> {
    await this.parse(RedisInstall)
    const [{findBinary}, {resolveHome}] = await Promise.all([
      import('../../embedded/binary.js'),
      import('../../embedded/home.js'),
    ])
    const surroundings = {home: resolveHome(process.env), env: process.env}
    const present = await findBinary(surroundings)
    const engine = present ? {...present, fresh: false} : await this.#install(surroundings)
    if (!this.jsonEnabled()) await this.#print(engine)
    return engine
  }

  async #install(surroundings: {home: string; env: NodeJS.ProcessEnv}): Promise<InstalledEngine> {
    const {installEngine} = await import('../../embedded/install.js')
    return installEngine({...surroundings, log: (line) => this.output.note(line)})
  }

  async #print({product, version, source, path, fresh}: InstalledEngine): Promise<void> {
    if (!this.output.terminal) return this.output.rows([], [[product, version, source, path]])
    await this.output.line(`${product} ${version} ${fresh ? 'is in place' : 'is there already'}: ${path}`)
    this.output.note('Next: torque serve')
  }
}
