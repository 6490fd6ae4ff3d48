import type {EngineStatus} from '../../embedded/status.js'
import {formatDuration} from '../../task/duration.js'
import type {TableColumn} from '../terminal/output.js'

export const engineColumns: TableColumn[] = [{head: 'REDIS'}, {head: 'PRIVATE', shrink: true}]

/** The rows for people: what is known of the private Redis, a fact each. */
export function engineCells(status: EngineStatus): string[][] {
  const {owner, engine} = status
  return [
    ['engine', `${status.product} ${status.version}`],
    ['program', engine.source === 'installed' ? `${engine.path} (put in place by torque)` : engine.path],
    ['pid', String(status.pid)],
    ['serve', owner ? `pid ${owner.pid} on ${owner.host}` : 'gone; the next torque serve takes over'],
    ['up for', formatDuration(status.uptimeMs)],
    ['url', status.url],
    ['home', status.home],
    ['log', status.log],
    ['fsync', status.fsync],
    ['memory', formatBytes(status.memoryBytes)],
    ['data', formatBytes(status.dataBytes)],
  ]
}

/** The same off a terminal, named as in JSON, numbers as they are. */
export function engineLines({engine, owner, ...fields}: EngineStatus): string[][] {
  const flat = {...fields, path: engine.path, source: engine.source, ownerPid: owner?.pid ?? '', ownerHost: owner?.host ?? ''}
  return Object.entries(flat).map(([name, value]) => [name, String(value)])
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  const amount = bytes / 1024 ** power
  return `${power === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`
}
