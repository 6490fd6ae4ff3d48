import {X509Certificate} from 'node:crypto'
import {isIP} from 'node:net'

import {TorqueError} from '../../errors.js'
import {UrlScope} from '../../task/url-scope.js'
import {badFlag, readFlagFile} from '../input/flag-value.js'
import type {Surroundings} from './serve-options.js'
import {isOn} from '../config/settings.js'

/** The flags of `egress-flags.ts` as oclif hands them over, and what they go with. */
export interface EgressFlags {
  egress: string
  'egress-allow'?: string[] | undefined
  'egress-deny'?: string[] | undefined
  'ca-file'?: string | undefined
  'dns-server'?: string[] | undefined
  'system-dns': boolean
  'egress-proxy'?: string | undefined
  'base-task-url'?: string | undefined
  'base-task-url-only': boolean
}

/** Where calls may go, checked. Throws `invalid_option` or `usage`. */
export function egressOptions(flags: EgressFlags, around: Surroundings) {
  const {egress, 'egress-allow': allow = [], 'egress-deny': deny = [], 'ca-file': caFile, 'dns-server': dnsServers} = flags
  if (egress === 'allowlist' && allow.length === 0)
    throw new TorqueError('usage', '--egress allowlist needs at least one --egress-allow')
  for (const server of dnsServers ?? []) checkNameServer(server)
  return {
    egress: {mode: egress as 'internal' | 'public' | 'allowlist', allow, deny},
    ca: caFile === undefined ? undefined : readCertificates(caFile),
    dnsServers,
    systemDns: flags['system-dns'],
    onlyUnder: onlyUnder(flags, around),
    proxy: egressProxy(flags['egress-proxy'], around),
  }
}

/** An IPv6 address with a port stands in brackets. */
function checkNameServer(text: string): void {
  const [, bracketed, bare, port = '53'] = /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [text, undefined, text]
  if (isIP(bracketed ?? bare ?? '') === 0 || Number(port) < 1 || Number(port) > 65_535)
    throw badFlag('dns-server', text, 'is not ADDRESS or ADDRESS:PORT')
}

/** What is no certificate would be passed over, and each call to a host that needs it would fail. */
function readCertificates(path: string): string {
  const pem = readFlagFile('ca-file', path)
  try {
    new X509Certificate(pem)
    return pem
  } catch {
    throw badFlag('ca-file', path, 'has no certificate (PEM) in it')
  }
}

/** The base URL that all others must be under. */
function onlyUnder(flags: EgressFlags, {setting}: Surroundings): string | undefined {
  if (!flags['base-task-url-only'] && !isOn('baseTaskUrlOnly', setting('baseTaskUrlOnly'))) return undefined
  const base = setting('baseTaskUrl', flags['base-task-url'])
  if (base === undefined) throw new TorqueError('usage', '--base-task-url-only needs --base-task-url')
  return new UrlScope(base).base
}

/** No proxy of the environment at large: who set it for other programs did not mean hooks to go there. */
function egressProxy(flag: string | undefined, {env}: Surroundings) {
  const text = flag || env['TORQUE_EGRESS_PROXY']
  if (!text) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' || url.port === '0' || url.pathname !== '/' || url.search || url.hash) {
    // Not quoted: it may have a password in it.
    throw new TorqueError('invalid_option', 'the --egress-proxy is not http://HOST:PORT', {field: 'egress-proxy'})
  }
  const {username, password} = url
  if (flag && (username || password)) {
    const hint = 'put it into TORQUE_EGRESS_PROXY'
    throw new TorqueError('invalid_option', 'a password in --egress-proxy could be read by all programs of this machine', {
      field: 'egress-proxy',
      hint,
    })
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 80),
    ...((username || password) && {authorization: basic(username, password)}),
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${plain(username)}:${plain(password)}`).toString('base64')}`
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new TorqueError('invalid_option', 'a % in the --egress-proxy does not begin an escape; write %25', {
      field: 'egress-proxy',
    })
  }
}
