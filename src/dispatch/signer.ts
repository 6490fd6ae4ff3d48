import {readSecrets} from '../task/secrets.js'

/** Secrets as text (`whsec_…`), the current one first: of the whole server, and of queues that have their own instead. */
export interface SigningSecrets {
  server: readonly string[]
  queues: Readonly<Record<string, readonly string[]>>
}

/** Knows what the calls of a queue are signed with. */
export class Signer {
  #server: readonly Uint8Array[] | undefined
  #queues = new Map<string, readonly Uint8Array[]>()

  /** Throws `invalid_option` for a secret that is none. */
  constructor(secrets: SigningSecrets) {
    this.renew(secrets)
  }

  /** Goes by other secrets from now on. */
  renew({server, queues}: SigningSecrets): void {
    const next = new Map(Object.entries(queues).map(([queue, secrets]) => [queue, readSecrets(secrets)]))
    this.#server = server.length > 0 ? readSecrets(server) : undefined
    this.#queues = next
  }

  /** Undefined: its calls are not signed. */
  keysOf(queue: string): readonly Uint8Array[] | undefined {
    return this.#queues.get(queue) ?? this.#server
  }
}
