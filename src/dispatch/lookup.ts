import {lookup, Resolver} from 'node:dns/promises'

import {HostsFile} from './hosts-file.js'

export interface LookupOptions {
  /** Ask these servers (`ADDRESS` or `ADDRESS:PORT`) and not the system's. */
  dnsServers?: readonly string[]
  /** Ask the system's resolver (getaddrinfo), with its search domains and local names, and nothing else. */
  systemDns?: boolean
  /** How long a look-up may take. */
  timeoutMs?: number
  hostsFile?: string
}

/** A name has no address, or nobody said so in time. */
export class LookupError extends Error {
  readonly code = 'TORQUE_LOOKUP'
}

/** Long enough that a burst of new connections asks once, short enough that a changed name is soon followed. */
const answerKeptMs = 2000
const failureKeptMs = 1000
/** With one family's addresses at hand, how long to wait for the other's: some networks drop the question. */
const otherFamilyGraceMs = 250
/** What they mean. */
export const loopback = ['127.0.0.1', '::1']

/** Names that mean this machine and that no name server has a say in (RFC 6761). */
export function isLocalName(name: string): boolean {
  return /^(?:.*\.)?localhost\.?$/.test(name)
}

/**
 * Looks names up: localhost, the hosts file, then name servers. Not by getaddrinfo, unless told to: it has four threads for
 * the whole process and cannot be cancelled, so that four silent name servers would hold up every name.
 */
export class NameLookup {
  readonly #options: LookupOptions
  readonly #timeoutMs: number
  readonly #hosts: HostsFile
  /** Under way or just answered: one question per name at a time. */
  readonly #answers = new Map<string, Promise<string[]>>()

  constructor(options: LookupOptions = {}) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs ?? 4500
    this.#hosts = new HostsFile(options.hostsFile)
  }

  /** The addresses of a name, at least one; rejects with a LookupError. */
  addresses(name: string): Promise<string[]> {
    const key = name.replace(/\.$/, '')
    const known = this.#answers.get(key)
    if (known) return known

    const answer = this.#ask(key)
    const forgetAfter = (ms: number) => setTimeout(() => this.#answers.delete(key), ms).unref()
    answer.then(
      () => forgetAfter(answerKeptMs),
      () => forgetAfter(failureKeptMs),
    )
    this.#answers.set(key, answer)
    return answer
  }

  async #ask(name: string): Promise<string[]> {
    if (isLocalName(name)) return loopback
    const found = await within(this.#find(name), this.#timeoutMs).catch((error: unknown) => reasonOf(error))
    if (Array.isArray(found)) return found
    throw new LookupError(found ?? reasons.ETIMEOUT)
  }

  async #find(name: string): Promise<string[]> {
    if (this.#options.systemDns) return (await lookup(name, {all: true})).map(({address}) => address)
    const listed = await this.#hosts.find(name)
    return listed.length > 0 ? listed : this.#resolve(name)
  }

  /**
   * By a resolver of its own, which reads anew which servers to ask. In one for all, a question that nobody answers has the others asked
   * once more, and the answers to what they asked before are thrown away: a few silent names would fail all that take a while.
   */
  async #resolve(name: string): Promise<string[]> {
    // The second try waits twice as long: together a little less than the deadline, so that the reason is the resolver's.
    const resolver = new Resolver({timeout: Math.ceil(this.#timeoutMs * 0.3), tries: 2})
    if (this.#options.dnsServers) resolver.setServers(this.#options.dnsServers)
    try {
      return await resolveBoth(resolver, name)
    } finally {
      resolver.cancel()
    }
  }
}

/** IPv4 first: where a name has both, it is the one more likely to be routed. */
async function resolveBoth(resolver: Resolver, name: string): Promise<string[]> {
  const found: [string[], string[]] = [[], []]
  const asked = [
    resolver.resolve4(name).then((addresses) => (found[0] = addresses)),
    resolver.resolve6(name).then((addresses) => (found[1] = addresses)),
  ]
  await Promise.any(asked)
  await within(Promise.allSettled(asked), otherFamilyGraceMs)
  return found.flat()
}

const reasons = {
  ENOTFOUND: 'no such name',
  ENODATA: 'the name has no address',
  ETIMEOUT: 'no answer from a name server in time',
  ECONNREFUSED: 'no name server to ask',
} as const

function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
  return reasons[code as keyof typeof reasons] ?? `the look-up failed (${code})`
}

/** Settles as the promise does, or with nothing when that takes too long. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const expiry = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)))
  return Promise.race([promise, expiry]).finally(() => clearTimeout(timer))
}
