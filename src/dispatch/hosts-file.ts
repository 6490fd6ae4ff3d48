import {readFile, stat} from 'node:fs/promises'
import {isIP} from 'node:net'

/** The hosts file of this machine: read once, and again when it changes. */
export class HostsFile {
  readonly #path: string
  #changedAt = -1
  #addresses = new Map<string, string[]>()

  constructor(path = '/etc/hosts') {
    this.#path = path
  }

  /** The addresses it gives a name (in lower case), in their order; none when it does not have the name. */
  async find(name: string): Promise<string[]> {
    try {
      const {mtimeMs} = await stat(this.#path)
      if (mtimeMs !== this.#changedAt) this.#addresses = parseHosts(await readFile(this.#path, 'utf8'))
      this.#changedAt = mtimeMs
    } catch {
      // A machine need not have one.
      this.#addresses.clear()
    }
    return this.#addresses.get(name) ?? []
  }
}

function parseHosts(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    // An address with a zone (`fe80::1%eth0`) is link-local: nothing a hook may go to.
    if (isIP(address) === 0 || address.includes('%')) continue
    for (const name of names.map((each) => each.toLowerCase())) found.set(name, [...(found.get(name) ?? []), address])
  }
  return found
}
