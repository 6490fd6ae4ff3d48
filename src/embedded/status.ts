import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'

import {TorqueError} from '../errors.js'
import {type EngineBinary, requireBinary, type Surroundings} from './binary.js'
import {Control} from './control.js'
import {notRunning} from './find-engine.js'
import {checkSocketPath, type HomePaths, homePaths, socketUrl} from './home.js'
import {type Owner, ownerFromClients} from './owner.js'

/** What `torque redis status` tells. */
export interface EngineStatus {
  running: true
  home: string
  url: string
  socket: string
  pid: number
  product: EngineBinary['product']
  version: string
  /** The program that runs, and whether it was on the PATH or put in place by `torque redis install`. */
  engine: {path: string; source: EngineBinary['source']}
  /** The `serve` that owns it; `null` when that is gone. */
  owner: Owner | null
  fsync: string
  memoryBytes: number
  /** What its data takes on disk. */
  dataBytes: number
  uptimeMs: number
  log: string
}

/** Throws `engine_not_running` when no engine is up in the home, and `no_engine` when none could be. */
export async function engineStatus({home, env}: Surroundings): Promise<EngineStatus> {
  const paths = homePaths(home)
  checkSocketPath(paths)
  const control = await Control.open(paths.socket, 'torque-status')
  if (!control) {
    await requireBinary({home, env})
    throw notRunning(home)
  }
  try {
    return await read(control, paths)
  } catch (cause) {
    throw new TorqueError('redis_unavailable', `the private Redis does not answer: ${(cause as Error).message}`, {cause})
  } finally {
    control.disconnect()
  }
}

async function read(control: Control, paths: HomePaths): Promise<EngineStatus> {
  const [server, memory, clients, fsync] = await Promise.all([
    control.info('server'),
    control.info('memory'),
    control.clientList(),
    control.config('appendfsync'),
  ])
  const path = server.get('executable') ?? ''
  return {
    running: true,
    home: paths.home,
    url: socketUrl(paths.socket),
    socket: paths.socket,
    pid: Number(server.get('process_id')),
    product: server.has('valkey_version') ? 'valkey' : 'redis',
    version: server.get('valkey_version') ?? server.get('redis_version') ?? '',
    engine: {path, source: path.startsWith(join(paths.engine, '/')) ? 'installed' : 'path'},
    owner: ownerFromClients(clients),
    fsync: fsync ?? '',
    memoryBytes: Number(memory.get('used_memory')),
    dataBytes: await sizeOfFiles(paths.data),
    uptimeMs: Number(server.get('uptime_in_seconds')) * 1000,
    log: paths.log,
  }
}

/** Files may come and go while they are counted: the engine rewrites its own. */
async function sizeOfFiles(dir: string): Promise<number> {
  const entries = await readdir(dir, {recursive: true, withFileTypes: true}).catch(() => [])
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({size}) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
