import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'

import {TorqueError} from '../errors.js'
import type {Environment} from './home.js'
import {runProgram} from './run-program.js'

/** Room for a slow mirror; without one, apt gives up after its own time-outs, below. */
const updateMs = 300_000

/** apt without root: the sources of the system, but lists and cache in a directory of our own. */
export class PrivateApt {
  readonly #dir: string
  readonly #env: Environment

  constructor(dir: string, env: Environment) {
    this.#dir = dir
    this.#env = {...env, DEBIAN_FRONTEND: 'noninteractive'}
  }

  /** Fetches the package lists of the system's own sources. */
  async update(): Promise<void> {
    await mkdir(join(this.#dir, 'lists', 'partial'), {recursive: true})
    await mkdir(join(this.#dir, 'cache', 'archives', 'partial'), {recursive: true})
    await this.#run('apt-get', ['update'])
  }

  /** The version that would be installed, or `null` when the sources have no such package. */
  async candidate(name: string): Promise<string | null> {
    const version = /^\s*Candidate: (\S+)$/m.exec(await this.#run('apt-cache', ['policy', name]))?.[1]
    return version && version !== '(none)' ? version : null
  }

  /** Names of the libraries that a package depends on, its own first, then those of its dependencies. */
  async libraries(name: string): Promise<string[]> {
    const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`)
    const listing = await this.#run('apt-cache', ['depends', '--recurse', ...only, name])
    const names = [...listing.matchAll(/^\s*\|?(?:Pre)?Depends: (lib[^\s<>]+)$/gm)].map((match) => match[1]!)
    return [...new Set(names)]
  }

  /** Downloads packages, their signatures checked by apt, and unpacks them under `into` without installing anything. */
  async unpack(names: string[], into: string): Promise<void> {
    const debs = join(into, '..', `debs-${names[0]}`)
    await mkdir(debs, {recursive: true})
    await this.#run('apt-get', ['download', ...names], debs)
    const {code, stderr} = await runProgram(
      'sh',
      ['-c', 'for deb in ./*.deb; do dpkg -x "$deb" "$1" || exit; done', 'sh', into],
      {
        env: this.#env,
        cwd: debs,
        timeoutMs: 60_000,
      },
    )
    if (code !== 0) throw new TorqueError('failed', `dpkg could not unpack ${names.join(', ')}: ${stderr.trim()}`)
  }

  async #run(program: string, args: string[], cwd = this.#dir): Promise<string> {
    const result = await runProgram(program, [...this.#options(), ...args], {env: this.#env, cwd, timeoutMs: updateMs})
    if (result.code === 0) return result.stdout
    throw new TorqueError(
      'no_engine',
      `${program} ${args.join(' ')} failed: ${lastErrors(result.stderr) || `exit ${result.code}`}`,
      {
        hint: 'is this machine online, and are its package sources right? See: apt-get update',
      },
    )
  }

  #options(): string[] {
    const settings = [
      '-q',
      `Dir::State::lists=${join(this.#dir, 'lists')}`,
      `Dir::Cache=${join(this.#dir, 'cache')}`,
      // As root, apt would drop to a user who may not enter a private home.
      'APT::Sandbox::User=root',
      'Acquire::Languages=none',
      'Acquire::Retries=2',
      'Acquire::http::Timeout=20',
      'Acquire::https::Timeout=20',
    ]
    return settings.flatMap((setting) => (setting.startsWith('-') ? [setting] : ['-o', setting]))
  }
}

function lastErrors(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => /^[EW]: /.test(line))
  return (lines.length > 0 ? lines : stderr.trim().split('\n')).slice(-3).join(' ').slice(0, 600)
}
