import type {HomePaths} from './home.js'

/** `everysec` survives a killed engine and may lose 1–2 s at a power cut; `always` loses nothing and costs more than half the speed. */
export type Fsync = 'everysec' | 'always'

/** The settings of the private Redis, as arguments: no configuration file of the machine is read. */
export function engineArguments({data, socket, pidFile}: HomePaths, fsync: Fsync): string[] {
  const settings: Record<string, string> = {
    // No TCP: nobody but this user can reach it.
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: data,
    appendonly: 'yes',
    appendfsync: fsync,
    // A power cut in the middle of a write leaves half a command at the end: drop that, and start.
    'aof-load-truncated': 'yes',
    save: '',
    // A task is never thrown away to make room.
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    supervised: 'no',
    pidfile: pidFile,
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}
