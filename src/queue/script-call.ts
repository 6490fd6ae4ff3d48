import {Command} from 'ioredis'

/**
 * The `EVALSHA` of one script call. ioredis copies and inspects the arguments of a command several times over; a batch has
 * hundreds, so it is told of the keys only, and what goes over the wire is written here.
 */
export class ScriptCall extends Command {
  readonly #keys: readonly string[]
  readonly #values: readonly (string | number)[]

  constructor(sha: string, keys: readonly string[], values: readonly (string | number)[]) {
    super('evalsha', [sha, String(keys.length), ...keys], {replyEncoding: 'utf8'})
    this.#keys = keys
    this.#values = values
  }

  /** In the protocol of Redis: how many parts there are, and each after its length in bytes. */
  override toWritable(): string {
    const [sha = '', count = ''] = this.args as string[]
    let text = `*${3 + this.#keys.length + this.#values.length}\r\n$7\r\nevalsha\r\n${part(sha)}${part(count)}`
    for (const key of this.#keys) text += part(key)
    for (const value of this.#values) text += part(String(value))
    return text
  }
}

function part(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}
