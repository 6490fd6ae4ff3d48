import {createHash, timingSafeEqual} from 'node:crypto'

/** The tokens that open the endpoint. Several of a kind are for the time of a rotation. */
export interface Tokens {
  /** May do everything. */
  admin: readonly string[]
  /** May only add. */
  add: readonly string[]
}

export type Role = keyof Tokens

/** Says whose token it is, in a time that does not depend on how much of it is right. */
export class TokenBook {
  readonly #entries: {role: Role; digest: Buffer}[]

  constructor({admin, add}: Tokens) {
    const entries = (role: Role, tokens: readonly string[]) =>
      tokens.filter((token) => token !== '').map((token) => ({role, digest: digestOf(token)}))
    this.#entries = [...entries('add', add), ...entries('admin', admin)]
  }

  /** True where there is no token to ask for. */
  get empty(): boolean {
    return this.#entries.length === 0
  }

  /** The role of an `Authorization: Bearer` header; null for none, another scheme or a token that is not ours. */
  roleOf(authorization: string | undefined): Role | null {
    const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
    if (token === undefined) return null
    const digest = digestOf(token)
    let role: Role | null = null
    // Every entry is compared, and digests have one length, so neither which token nor how much of it matched shows.
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) role = entry.role
    return role
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
