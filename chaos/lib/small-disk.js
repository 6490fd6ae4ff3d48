import {spawnSync} from 'node:child_process'
import {mkdirSync} from 'node:fs'

import {atExit} from './children.js'

/** Makes a directory that is a disk of its own, of so many bytes. False where this user may not. */
export function mountSmallDisk(dir, bytes) {
  mkdirSync(dir, {recursive: true})
  if (process.getuid?.() !== 0) return false
  const {status} = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'torque-chaos', dir], {stdio: 'ignore'})
  if (status !== 0) return false
  atExit(() => unmount(dir))
  return true
}

/** Also while something still has a file open there. */
export function unmount(dir) {
  spawnSync('umount', ['-l', dir], {stdio: 'ignore'})
}
