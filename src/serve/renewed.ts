import type {Renewal} from '../http/server.js'
import type {ServeOptions} from './serve.js'

/** The options with new tokens and a new certificate. */
export function renewed<Options extends Pick<ServeOptions, 'http' | 'tokens'>>(options: Options, renewal: Renewal): Options {
  const {tokens, certificate} = renewal
  return {...options, tokens, http: options.http && {...options.http, certificate}}
}
