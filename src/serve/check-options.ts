import {checkExposure} from '../http/access.js'
import {EgressPolicy} from '../task/address.js'
import {machineAddresses} from './machine-addresses.js'
import type {ServeOptions} from './serve.js'

/** Judges what can be judged before anything is started, and resolves to where hooks may go. Throws `refused` or `invalid_option`. */
export function checkOptions({http, tokens, egress}: Pick<ServeOptions, 'http' | 'tokens' | 'egress'>): EgressPolicy {
  if (http) checkExposure({...http, tokens})
  return new EgressPolicy({...egress, interfaces: machineAddresses})
}
