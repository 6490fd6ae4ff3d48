import {TorqueError} from '../../errors.js'
import {flagOf} from './settings.js'

/** The error of a setting's bad value, in the name of the variable or the file that the value came from. */
export function nameSource(error: TorqueError, name: string, source: string): TorqueError {
  const label = /^[A-Z_]+$/.test(source) ? source : `${name} in ${source}`
  const {code, message, field, hint, id, cause} = error
  const [flag] = new RegExp(`^(--)?${flagOf(name)}\\b`).exec(message) ?? []
  const named = flag === undefined ? `${label}: ${message}` : `${label}${message.slice(flag.length)}`
  return new TorqueError(code, named, {cause, ...(field && {field}), ...(hint && {hint}), ...(id && {id})})
}
