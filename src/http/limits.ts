import {readFileSync} from 'node:fs'

const kib = 1024
const mib = 1024 * kib

/** What one request may hold: a task, or a batch of them. */
export const bodyLimits = {single: mib, batch: 16 * mib}

/** The most tasks in one `POST /tasks`, and the most ids in one bulk verb. */
export const batchLimit = 10_000

/** The request line and the headers: room for a task that stands in its query string. */
export const maxHeaderBytes = 32 * kib

/** So many headers no client has; node by itself would drop those beyond 2,000 and say nothing. */
export const maxHeaders = 100

export interface Timeouts {
  /** From the first byte of a request to the end of its headers. */
  headersMs: number
  /** To the end of its body: 16 MiB at 2 Mbit/s. */
  requestMs: number
  /** How long a connection may rest between two requests. Longer than the pools of clients, so that they close first. */
  keepAliveMs: number
  /** How often the first two are looked at. */
  checkEveryMs: number
}

export const defaultTimeouts: Timeouts = {headersMs: 10_000, requestMs: 60_000, keepAliveMs: 65_000, checkEveryMs: 1_000}

const mostConnections = 10_000

/**
 * How many connections to take at once: at most half of the files this process may open, so that a storm of producers
 * leaves the other half for Redis and for the hooks to be called.
 */
export function maxConnections(): number {
  return Math.min(mostConnections, Math.floor(openFiles() / 2))
}

/** The limit of open files, where the system tells. */
function openFiles(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? 4096 : Number(soft)
  } catch {
    return 4096
  }
}
