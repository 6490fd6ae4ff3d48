import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {onTestFinished} from 'vitest'

import {OwnRedis} from './own-redis.js'

/** Where a disk of one's own can be mounted. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0

const mib = 1 << 20

/** A Redis whose data is on a disk of 2 MiB, seen by nobody else, which can be filled. */
export class SmallDiskRedis extends OwnRedis {
  readonly disk = join(this.dir, 'disk')
  #holder: ChildProcess | undefined

  /** Mounts the disk, in a namespace that lasts as long as it is needed. */
  async mount(): Promise<void> {
    mkdirSync(this.disk)
    const script = `mount -t tmpfs -o size=2m tmpfs "$0" && echo mounted && exec sleep 120`
    this.#holder = spawn('unshare', ['--mount', 'sh', '-c', script, this.disk], {stdio: ['ignore', 'pipe', 'inherit']})
    await once(this.#holder.stdout!, 'data')
  }

  fill(): void {
    try {
      writeFileSync(this.#filler, Buffer.alloc(2 * mib))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  makeRoom(): void {
    rmSync(this.#filler)
  }

  async unmount(): Promise<void> {
    await this.kill()
    this.#holder?.kill()
    rmSync(this.dir, {recursive: true, force: true})
  }

  protected override program(): [string, ...string[]] {
    return ['nsenter', `--mount=/proc/${this.#holder!.pid}/ns/mnt`, ...super.program()]
  }

  get #filler(): string {
    return `/proc/${this.#holder!.pid}/root${this.disk}/filler`
  }
}

/** A running one that logs every write, gone when the test ends. */
export async function openSmallDiskRedis(appendfsync: 'always' | 'everysec'): Promise<SmallDiskRedis> {
  const redis = new SmallDiskRedis((dir) => ['--appendonly', 'yes', '--appendfsync', appendfsync, '--dir', join(dir, 'disk')])
  onTestFinished(() => redis.unmount())
  await redis.mount()
  await redis.start()
  return redis
}
