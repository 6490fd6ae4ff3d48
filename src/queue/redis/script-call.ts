import {Command} from 'ioredis'

/** Over which socket a call went last. */
export interface Sent {
  socket?: object
}

/**
 * The `EVALSHA`, or `EVAL`, of one script call. ioredis copies and inspects the arguments of a command several times over; a batch
 * has hundreds, so it is told of the keys only, and what goes over the wire is written here.
 */
export class ScriptCall extends Command {
  readonly #keys: readonly string[]
  readonly #values: readonly (string | number)[]
  readonly #sent: Sent | undefined

  /** `script` is its hash for EVALSHA, its source for EVAL. */
  constructor(
    name: 'evalsha' | 'eval',
    script: string,
    {keys, values, sent}: {keys: readonly string[]; values: readonly (string | number)[]; sent?: Sent | undefined},
  ) {
    super(name, [script, String(keys.length), ...keys], {replyEncoding: 'utf8'})
    this.#keys = keys
    this.#values = values
    this.#sent = sent
  }

  /** The first of them: a cluster has the others in the same place. */
  override getKeys(): string[] {
    return this.#keys.slice(0, 1)
  }

  /** In the protocol of Redis: how many parts there are, and each after its length in bytes. */
  override toWritable(socket: object): string {
    if (this.#sent) this.#sent.socket = socket
    const [script = '', count = ''] = this.args as string[]
    let text = `*${3 + this.#keys.length + this.#values.length}\r\n${part(this.name)}${part(script)}${part(count)}`
    for (const key of this.#keys) text += part(key)
    for (const value of this.#values) text += part(String(value))
    return text
  }
}

function part(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`
}
