import {isAbsolute} from 'node:path'

import {TorqueError} from '../../errors.js'
import type {ServeOptions} from '../../serve/serve.js'
import {badFlag} from '../input/flag-value.js'

/** The flags that say where to listen. */
export interface ListenFlags {
  host?: string | undefined
  port?: number | undefined
  listen?: string | undefined
  'listen-mode'?: string | undefined
}

type Http = NonNullable<ServeOptions['http']>

const defaults = {host: '127.0.0.1', port: 8090}

/** The kernel's limit, less the zero at the end. */
const longestPath = process.platform === 'linux' ? 107 : 103

/** A port of this machine; or a unix socket, and a port as well where one is asked for. Throws `invalid_option` or `usage`. */
export function listenOptions({host, port, listen, 'listen-mode': mode}: ListenFlags): Pick<Http, 'host' | 'port' | 'socket'> {
  const wantsPort = listen === undefined || host !== undefined || port !== undefined
  return {
    ...(wantsPort && {host: host ?? defaults.host, port: port ?? defaults.port}),
    socket: listen === undefined ? noMode(mode) : {path: socketPath(listen), mode: modeOf(mode)},
  }
}

function socketPath(listen: string): string {
  const path = /^unix:(?:\/\/)?(\/.*)$/.exec(listen)?.[1] ?? ''
  // oxlint-disable-next-line no-control-regex -- no path of a socket should have one
  if (!isAbsolute(path) || /[\x00-\x1f\x7f]/.test(path)) throw badFlag('listen', listen, 'is not unix: and an absolute path')
  if (Buffer.byteLength(path) > longestPath)
    throw badFlag('listen', listen, `is too long: the path of a socket has at most ${longestPath} bytes`)
  return path
}

/** As for chmod; that its owner may not use it would make no sense. */
function modeOf(text = '600'): number {
  if (/^0?[0-7]{3}$/.test(text) && Number.parseInt(text, 8) & 0o200) return Number.parseInt(text, 8)
  throw badFlag('listen-mode', text, 'is not a mode such as 600, 660 or 666')
}

function noMode(mode: string | undefined): undefined {
  if (mode !== undefined) throw new TorqueError('usage', '--listen-mode goes with --listen only')
}
