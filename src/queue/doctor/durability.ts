import type {Finding} from './finding.js'

/** Settings of a Redis server by their names, as CONFIG GET tells them; one that it does not tell is absent. */
export type ServerSettings = Readonly<Record<string, string | undefined>>

/** The settings that decide whether a task survives. */
export const durabilitySettings = ['maxmemory-policy', 'appendonly', 'appendfsync', 'save'] as const

/** What these settings may cost: nothing is found where the server does not tell them. */
export function durabilityFindings(settings: ServerSettings): Finding[] {
  return [...evictionFindings(settings), ...persistenceFindings(settings)]
}

function evictionFindings({'maxmemory-policy': policy}: ServerSettings): Finding[] {
  if (policy === undefined || policy === 'noeviction') return []
  const message = `this Redis evicts keys when it is full (maxmemory-policy ${policy}): tasks would be lost`
  const remedy = 'set maxmemory-policy noeviction: CONFIG SET, and in redis.conf for its next start'
  return [{level: 'error', code: 'eviction', message, remedy}]
}

function persistenceFindings({appendonly, appendfsync, save}: ServerSettings): Finding[] {
  const code = 'persistence'
  const remedy = 'set appendonly yes: CONFIG SET, and in redis.conf for its next start'
  if (appendonly === 'yes') return fsyncFindings(appendfsync)
  if (appendonly === undefined || save === undefined) return []
  if (save === '') {
    return [{level: 'error', code, message: 'this Redis persists nothing: its tasks are lost when it restarts', remedy}]
  }
  const message = `this Redis persists by snapshots only (save ${save}): a crash loses what was added since the last one`
  return [{level: 'warning', code, message, remedy}]
}

function fsyncFindings(appendfsync: string | undefined): Finding[] {
  const code = 'fsync'
  const remedy = 'set appendfsync always; serve --fsync always for the private Redis'
  if (appendfsync === 'everysec') {
    return [{level: 'note', code, message: 'a power cut may lose the last second or two (appendfsync everysec)', remedy}]
  }
  if (appendfsync === 'no') {
    return [{level: 'warning', code, message: 'a power cut may lose half a minute and more (appendfsync no)', remedy}]
  }
  return []
}
