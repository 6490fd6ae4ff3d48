import {type ErrorCode, TorqueError} from '../errors.js'
import {type UrlProblem, type UrlReason, hostProblem} from './host.js'
import {quote} from './quote.js'

/** Where a task's call goes. */
export interface Target {
  /** Absolute and normalised, without a fragment. */
  url: string
  /** Scheme, host and port: what the lane is named after. */
  origin: string
}

/** Which input a URL came from, and the error it gets. */
interface Source {
  code: ErrorCode
  field: string
}

const taskUrl: Source = {code: 'invalid_url', field: 'url'}
const baseUrl: Source = {code: 'invalid_option', field: 'base-task-url'}

const maxLength = 2048

/**
 * A URL of which `new URL()` changes nothing after the origin: no segment begins with a dot, plain or escaped, and no character
 * is one that it would escape. Lower case where the origin has it.
 */
const plainUrl = /^(https?:\/\/[^/?#]+)(?:\/(?!\.|%2[eE])[A-Za-z0-9_~!$&'()*+,;=:@.%-]*)+(?:\?[A-Za-z0-9_~!$&()*+,;=:@./?%-]*)?$/

/** Origins that were read before, written as they are called: reading them anew would cost a third of an add. */
const knownOrigins = new Set<string>()
/** Some hundred bytes each. When there are more they are forgotten. */
const mostOrigins = 4_000

const scheme = /^[a-z][a-z0-9+.-]*:/i
const webScheme = /^https?:/i
/** Blanks and controls, which `new URL()` drops or repairs, backslashes, which it takes for slashes, and halves of surrogate pairs. */
const badChar = /[\p{Control}\p{Surrogate} \\]/u
const authority = /^https?:\/\/([^/?#]*)/i
const hostAndPort = /^(\[[^\]]*\]|[^:[\]]*)(?::(\d*))?$/

/**
 * The target of a task: an absolute http(s) URL, or one relative to `baseTaskUrl`, which cannot lead away from its origin.
 * Stricter than `new URL()`, which repairs: what it would repair, and what reads like another host than the one called, is refused.
 * Throws `invalid_url`.
 */
export function parseTarget(text: string, {baseTaskUrl}: {baseTaskUrl?: string | undefined} = {}): Target {
  return readKnown(text) ?? readNew(text, baseTaskUrl)
}

/** A plain URL of a known origin stands as it is. */
function readKnown(text: string): Target | undefined {
  const origin = text.length <= maxLength ? plainUrl.exec(text)?.[1] : undefined
  return origin !== undefined && knownOrigins.has(origin) ? {url: text, origin} : undefined
}

function readNew(text: string, baseTaskUrl: string | undefined): Target {
  checkText(text, taskUrl)
  const url = scheme.test(text) ? parseAbsolute(text, taskUrl) : resolve(text, baseTaskUrl)
  url.hash = ''
  const {href, origin} = url
  if (knownOrigins.size === mostOrigins) knownOrigins.clear()
  knownOrigins.add(origin)
  return {url: href, origin}
}

/** Checks a `--base-task-url`: an absolute URL by the rules of a task's. Throws `invalid_option`. */
export function parseBaseTaskUrl(text: string): URL {
  checkText(text, baseUrl)
  if (!scheme.test(text)) refuse('not_absolute', 'it needs http:// or https:// in front', text, baseUrl)
  return parseAbsolute(text, baseUrl)
}

function resolve(text: string, baseTaskUrl: string | undefined): URL {
  if (text.startsWith('//')) refuse('not_absolute', 'it needs http: or https: in front', text, taskUrl)
  if (baseTaskUrl === undefined)
    refuse('not_absolute', 'it has no host, and there is no --base-task-url to resolve it against', text, taskUrl)
  if (/^[^/?#]*:/.test(text)) refuse('not_absolute', 'it needs http:// or https:// in front', text, taskUrl)
  const base = parseBaseTaskUrl(baseTaskUrl)
  const url = new URL(text, base)
  return url.origin === base.origin ? url : refuse('not_absolute', 'it leads away from --base-task-url', text, taskUrl)
}

function checkText(text: string, source: Source): void {
  if (text.length > maxLength) refuse('too_long', `it has more than ${maxLength} characters`, text, source)
  const bad = badChar.exec(text)
  if (bad) refuse('bad_char', `${quote(bad[0])} at character ${bad.index + 1} must be percent-encoded`, text, source)
}

function parseAbsolute(text: string, source: Source): URL {
  if (!webScheme.test(text)) refuse('scheme', 'only http: and https: can be called', text, source)
  const written = authority.exec(text)?.[1] ?? refuse('malformed', 'its scheme must be followed by //', text, source)
  if (written.includes('@')) refuse('userinfo', 'it must carry no user name or password', text, source)
  const [, host, port] = hostAndPort.exec(written) ?? refuse('malformed', 'its host and port cannot be read', text, source)
  if (!host) refuse('no_host', 'it has no host', text, source)
  if (host.includes('%')) refuse('bad_host', 'its host must have no %', text, source)
  const url = tryUrl(text) ?? refuse(...unreadable(host), text, source)
  const problem = hostProblem(host, url.hostname)
  if (problem) refuse(problem.reason, problem.message, text, source)
  if (port && Number(port) === 0) refuse('malformed', 'nothing listens on port 0', text, source)
  return url
}

function tryUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function unreadable(host: string): [UrlReason, string] {
  return host.startsWith('[') ? ['bad_host', 'its host is not an IPv6 address'] : ['malformed', 'its host or port is not valid']
}

function refuse(reason: UrlProblem['reason'], message: string, text: string, {code, field}: Source): never {
  throw new TorqueError(code, `${field} ${quote(text)} is refused (${reason}): ${message}`, {field})
}
