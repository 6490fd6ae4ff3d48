import {BaseCommand} from '../cli/base-command.js'
import {type Candidate, type Wanted, complete} from '../cli/completion/complete.js'
import {escapeText} from '../escape.js'

/** Who presses TAB waits no longer than this, in ms, for what Redis knows. */
const patienceMs = 150

/** What the stubs of `torque completion` call at each TAB. Says nothing of anything that goes wrong. */
export default class Complete extends BaseCommand {
  static override hidden = true

  static override summary = 'List what may come next on a command line, for the completion of shells.'

  static override description =
    'Takes the words after `torque`, behind `--`; the last one, perhaps empty, is the one that is being typed. A candidate is a line: word, TAB, what it is.'

  static override examples = [{description: 'What begins with "re"', command: '<%= config.bin %> <%= command.id %> -- re'}]

  static override strict = false

  async run(): Promise<void> {
    const words = this.argv.slice(this.argv[0] === '--' ? 1 : 0)
    const {candidates, wanted} = complete(words, this.config.commands)
    const found = wanted ? await this.#ask(words, wanted) : []
    const all = [...candidates, ...found.map(({value, about}) => ({value: `${wanted!.head}${value}`, about}))]
    await this.output.write(all.map(({value, about}) => `${value}\t${escapeText(about)}\n`).join(''))
    // A Redis that hangs must not keep the shell waiting: what was asked of it ends with the process.
    process.exit(0)
  }

  /** Nothing, where Redis is down, slow, or not known. */
  async #ask(words: readonly string[], {kind, word}: {kind: Wanted; word: string}): Promise<Candidate[]> {
    const [{fromRedis}, {within}] = await Promise.all([
      import('../cli/completion/complete-from-redis.js'),
      import('../settled-within.js'),
      import('../queue/store.js'),
    ])
    const look = async () => {
      const store = await this.openStore({redis: valueOf(words, 'redis'), namespace: valueOf(words, 'namespace')})
      return fromRedis(store, kind, word)
    }
    return within(patienceMs, look()).catch(() => [])
  }
}

/** Of a flag that has been typed already. */
function valueOf(words: readonly string[], flag: string): string | undefined {
  const at = words.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`))
  return at < 0 ? undefined : words[at]!.includes('=') ? words[at]!.slice(flag.length + 3) : words[at + 1]
}
