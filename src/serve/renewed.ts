import type {SigningSecrets} from '../dispatch/signer.js'
import type {Renewal as EndpointRenewal} from '../http/server.js'
import type {ServeOptions} from './serve.js'

/** What a running `serve` may be given anew. */
export interface Renewal extends EndpointRenewal {
  signing: SigningSecrets
}

/** The options with new secrets and a new certificate. */
export function renewed<Options extends Pick<ServeOptions, 'http' | 'tokens' | 'signing'>>(
  options: Options,
  {tokens, certificate, signing}: Renewal,
): Options {
  return {...options, tokens, signing, http: options.http && {...options.http, certificate}}
}
