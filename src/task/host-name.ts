import {TorqueError} from '../errors.js'
import {originOf} from './origin.js'
import {quote} from './quote.js'

/** The host of a URL, as `new URL()` writes it, and its port where one was named. */
export interface HostName {
  name: string
  port: string | undefined
}

const hostAndPort = /^(\[[^\]]*\]|[^:[\]/?#@\\\s]+)(?::(\d{1,5}))?$/

/** Reads `example.com`, `example.com:8080` or `[::1]:80`, in any spelling that a URL may have. Throws `invalid_filter`. */
export function parseHostName(text: string, field: string): HostName {
  const [, host = '', port] = hostAndPort.exec(text) ?? []
  const name = host === '' || host.includes('%') ? undefined : hostNameOf(host)
  if (name === undefined || Number(port ?? 1) > 65_535)
    throw new TorqueError('invalid_filter', `${field} ${quote(text)} is not a host such as example.com or example.com:8080`, {
      field,
    })
  return {name, port: port === undefined ? undefined : String(Number(port))}
}

function hostNameOf(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname || undefined
  } catch {
    return undefined
  }
}

const defaultPorts: Record<string, string> = {http: '80', https: '443'}

/** Whether a normalised URL calls that host. Without a port any will do. */
export function isHost({name, port}: HostName, url: string): boolean {
  const [scheme = '', authority = ''] = originOf(url).split('://')
  const [, host, urlPort = defaultPorts[scheme]] = hostAndPort.exec(authority) ?? []
  return host === name && (port === undefined || port === urlPort)
}
