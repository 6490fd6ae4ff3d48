import {mkdir, stat} from 'node:fs/promises'
import {dirname} from 'node:path'

/**
 * Makes a directory, and those above it that are missing. Not by node's `recursive`: where a file system answers ENOENT under a
 * directory that is there, as /proc does, that tries for ever.
 */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  const above = dirname(path)
  if (above !== path && !(await isThere(above))) await makeDirectory(above, mode)
  await mkdir(path, {mode}).catch((error: NodeJS.ErrnoException) => tolerateDirectory(path, error))
}

async function tolerateDirectory(path: string, error: NodeJS.ErrnoException): Promise<void> {
  if (error.code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
