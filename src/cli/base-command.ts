import {Command} from '@oclif/core/command'
import type {Input, ParserOutput} from '@oclif/core/interfaces'

import type {Store} from '../queue/store.js'
import {commonFlags, jsonFlag, queueFlag, type RedisFlags, redisFlags} from './flags.js'
import type {FlagKinds} from './config/flags-of-files.js'
import './terminal/guard-streams.js'
import {Output} from './terminal/output.js'
import {type SettingName, Settings} from './config/settings.js'

/** Flags or arguments by their names, as oclif's types have them. */
type Values = Record<string, unknown>

const streamFlags = {...queueFlag('Queue to watch. [default: all]'), ...redisFlags, ...commonFlags}

/** What every command shares: output, settings, errors and exit codes. */
export abstract class BaseCommand extends Command {
  static override baseFlags = commonFlags

  #output?: Output
  #settings?: Settings
  #printing?: Promise<void>
  #store?: Store
  /** Settings that came neither by flag nor by default: where from, should their value be wrong. */
  readonly #sources = new Map<string, string>()

  /** Where results go. Colour is decided before the flags are parsed, so that their errors have it too. */
  protected get output(): Output {
    const noColor = this.argv.includes('--no-color')
    return (this.#output ??= new Output({stdout: process.stdout, stderr: process.stderr, env: process.env, noColor}))
  }

  protected get settings(): Settings {
    return (this.#settings ??= new Settings({env: process.env, cwd: process.cwd()}))
  }

  /** The value in force: the flag as given, else the environment, a config file, the default. */
  protected setting(name: SettingName, flag?: string): string | undefined {
    const {value, source} = this.settings.resolve(name, flag)
    if (source !== 'flag' && source !== 'default') this.#sources.set(name, source)
    return value
  }

  /**
   * An empty value is a variable that a script forgot to set, and what was meant is not for us to guess: without its id, say, a task
   * would be added once more. oclif takes it for a value of some flags and for none of others.
   */
  protected override async parse<Flags extends Values, Base extends Values, Args extends Values>(
    options?: Input<Flags, Base, Args>,
    argv?: string[],
  ): Promise<ParserOutput<Flags, Base, Args>> {
    const parsed = await super.parse<Flags, Base, Args>(options, argv)
    const empty = parsed.raw.find((token) => token.type === 'flag' && token.input === '')
    if (empty?.type !== 'flag') return parsed
    const {TorqueError} = await import('../errors.js')
    throw new TorqueError('usage', `--${empty.flag} has an empty value: leave it out, or give one`)
  }

  /** As `parse`; flags that were not given may stand in a config file. */
  protected async parseWithFiles<Flags extends Values, Base extends Values, Args extends Values>(
    options: Input<Flags, Base, Args> & {flags: FlagKinds},
    argv: string[] = this.argv,
  ): Promise<ParserOutput<Flags, Base, Args>> {
    const own = this.argv
    const given = await this.parse<Flags, Base, Args>(options, argv)
    const {flagsOfFiles, inNameOfFiles} = await import('./config/flags-of-files.js')
    const {tokens, settings} = flagsOfFiles(this.settings, options.flags, given)
    this.argv = own
    if (tokens.length === 0) return given
    for (const {name, path} of settings) this.#sources.set(name, path)
    try {
      return await this.parse<Flags, Base, Args>(options, [...tokens, ...argv])
    } catch (error) {
      throw inNameOfFiles(error as Error, settings)
    } finally {
      // oclif takes what it is given to parse for what the command was given.
      this.argv = own
    }
  }

  /** Connects to the Redis that is named, or to the private one of a running `torque serve`. Closed whatever happens. */
  protected async openStore(flags: RedisFlags, {ackReplicas}: {ackReplicas?: number} = {}): Promise<Store> {
    const {namespaceOf, redisUrlOf} = await import('./redis/locate-redis.js')
    const namespace = namespaceOf(this.setting('namespace', flags.namespace))
    const redisUrl = await redisUrlOf(this.setting('redis', flags.redis), process.env)
    const {Store} = await import('../queue/store.js')
    this.#store = await Store.open({redisUrl, namespace, profile: 'command', ackReplicas})
    return this.#store
  }

  /** The exit code of a command that ends without an error, and yet not with everything done. */
  protected exitWith(code: number): void {
    process.exitCode = code
  }

  /** `--json` before a `--`; oclif also takes it from the environment, which a script would not expect. */
  override jsonEnabled(): boolean {
    return this.ctor.enableJsonFlag && this.#isGiven('--json')
  }

  #isGiven(flag: string): boolean {
    const end = this.argv.indexOf('--')
    return this.argv.slice(0, end === -1 ? undefined : end).includes(flag)
  }

  /** oclif does not wait for what it prints here, `_run` does. */
  override logJson(document: unknown): void {
    this.#printing = this.output.json(document)
  }

  protected override async _run<T>(): Promise<T> {
    const result = await super._run<T>()
    await this.#printing
    return result
  }

  protected override async catch(error: Error & {code?: string}): Promise<void> {
    // `this.exit()` and what `--help` ends with: not an error.
    if (error.code === 'EEXIT') throw error
    const {reportError} = await import('./report-error.js')
    // Also where --json itself is the error: whoever gave it reads JSON.
    const {flags, baseFlags} = this.ctor
    process.exitCode = await reportError(await this.#inItsName(error), this.output, {
      json: this.#isGiven('--json'),
      flags: Object.keys({...baseFlags, ...flags}),
    })
  }

  /** Who set a variable, or wrote a file, is not told of a flag. */
  async #inItsName(error: Error & {code?: string; field?: string}): Promise<Error> {
    if (error.code !== 'invalid_option' || this.#sources.size === 0) return error
    const [{TorqueError}, {flagOf}, {nameSource}] = await Promise.all([
      import('../errors.js'),
      import('./config/settings.js'),
      import('./config/name-source.js'),
    ])
    const field = error.field?.replace(/^--/, '')
    const found = [...this.#sources].find(([name]) => flagOf(name) === field)
    return found && error instanceof TorqueError ? nameSource(error, ...found) : error
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    await this.#store?.close()
    await super.finally(error)
  }
}

/** A command that comes to an end with a result: what `run` returns is the `--json` document. */
export abstract class ResultCommand extends BaseCommand {
  static override baseFlags: typeof commonFlags & typeof jsonFlag = {...commonFlags, ...jsonFlag}
  static override enableJsonFlag = true
}

/** A command that works on the queues in Redis. */
export abstract class TorqueCommand extends ResultCommand {
  static override baseFlags = {...queueFlag('Queue to look in. [default: all]'), ...redisFlags, ...commonFlags, ...jsonFlag}
}

/** The same, for one that streams until it is told to end: it takes `--ndjson`, and no `--json`. */
export abstract class StreamCommand extends BaseCommand {
  static override baseFlags: typeof streamFlags = streamFlags
}
