import {createHash, timingSafeEqual} from 'node:crypto'

/** A token that may only add tasks. */
export interface AddToken {
  token: string
  /** Only to these queues; absent: to any. */
  queues?: readonly string[] | undefined
}

/** The tokens that open the endpoint. Several of a kind are for the time of a rotation. */
export interface Tokens {
  /** May do everything. */
  admin: readonly string[]
  add: readonly AddToken[]
}

/** What a token is good for. */
export interface Grant {
  /** False: it may add and do nothing else. */
  isAdmin: boolean
  /** The queues it may add to; undefined: any. */
  queues: ReadonlySet<string> | undefined
}

/** Says what a token is good for, in a time that does not depend on how much of it is right. */
export class TokenBook {
  readonly #entries: {grant: Grant; digest: Buffer}[]

  constructor({admin, add}: Tokens) {
    const all = [
      ...add.map(({token, queues}) => ({token, grant: {isAdmin: false, queues: queues && new Set(queues)}})),
      ...admin.map((token) => ({token, grant: {isAdmin: true, queues: undefined}})),
    ]
    this.#entries = all.filter(({token}) => token !== '').map(({token, grant}) => ({grant, digest: digestOf(token)}))
  }

  /** True where there is no token to ask for. */
  get empty(): boolean {
    return this.#entries.length === 0
  }

  /** What an `Authorization: Bearer` header grants; null for none, another scheme or a token that is not ours. */
  grantOf(authorization: string | undefined): Grant | null {
    const [, token] = /^bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
    if (token === undefined) return null
    const digest = digestOf(token)
    let grant: Grant | null = null
    // Every entry is compared, and digests have one length, so neither which token nor how much of it matched shows.
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) grant = entry.grant
    return grant
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
