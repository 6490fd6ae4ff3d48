import {TorqueError} from '../errors.js'
import {quote} from './quote.js'
import {parseBaseTaskUrl} from './target.js'

/**
 * The URLs under a base: of its scheme, host and port, and with a path that begins with its. What the receiver may read as a way out
 * of that path (`..` behind an escape, in whatever number of layers, or before a `;`) is outside.
 */
export class UrlScope {
  /** Ends in a slash, so that a path begins with it segment by segment. */
  readonly #base: string

  /** Throws `invalid_option` for what is no base, or has a path that ends in half a segment. */
  constructor(baseTaskUrl: string) {
    const {origin, pathname} = parseBaseTaskUrl(baseTaskUrl)
    if (!pathname.endsWith('/')) {
      // Relative URLs replace what is behind the last slash: most of them would be refused.
      throw new TorqueError(
        'invalid_option',
        `--base-task-url ${quote(baseTaskUrl)} must end in a slash to go with --base-task-url-only`,
        {
          field: 'base-task-url',
        },
      )
    }
    this.#base = origin + pathname
  }

  /** What the URLs begin with. */
  get base(): string {
    return this.#base
  }

  /** Of a URL as `parseTarget` gives it. */
  includes(url: string): boolean {
    return url.startsWith(this.#base) && !leadsUp(url.slice(this.#base.length))
  }
}

/** No URL that is meant well is escaped more often over. */
const mostLayers = 8

function leadsUp(pathAndQuery: string): boolean {
  if (!/[%;]/.test(pathAndQuery)) return false
  let path = pathAndQuery.replace(/\?.*$/, '')
  for (let layer = 0; layer < mostLayers; layer++) {
    const plain = unescape(path)
    if (plain === path) return path.split(/[/\\]/).some((segment) => segment.replace(/;.*$/, '') === '..')
    path = plain
  }
  return true
}

/** One layer of escapes, valid UTF-8 or not. */
function unescape(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
