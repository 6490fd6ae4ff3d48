import {readFile, rename, rm, writeFile} from 'node:fs/promises'
import {hostname} from 'node:os'
import {setTimeout as delay} from 'node:timers/promises'

import {TorqueError} from '../errors.js'
import type {Environment, HomePaths} from './home.js'
import {type Lock, tryLock} from './lock.js'

/** The `serve` that has a home. A name for people: what decides is the lock. */
export interface Owner {
  pid: number
  host: string
}

/** How long a refused `serve` gives the one that was faster to write down its name, in ms. */
const signingMs = 100

/** Makes this process the only `serve` of the home, or throws `already_running`, naming the one that is. */
export async function claimHome(paths: HomePaths, env: Environment): Promise<Lock> {
  const lock = await tryLock(paths.serveLock, env)
  if (!lock) throw await alreadyRunning(paths)
  await sign(paths, {pid: process.pid, host: hostname()})
  return {
    fd: undefined,
    release: async () => {
      await rm(paths.ownerFile, {force: true})
      await lock.release()
    },
  }
}

/** What this process calls itself in the engine's list of clients. */
export function ownerClientName(): string {
  return `${clientPrefix}${process.pid}@${hostname().replaceAll(/[^!-~]/g, '_')}`
}

/** The owner, from the engine's list of clients: the name goes with the connection, and that goes with the process. */
export function ownerFromClients(clientList: string): Owner | null {
  const match = new RegExp(` name=${clientPrefix}(\\d+)@(\\S+)`).exec(clientList)
  return match ? {pid: Number(match[1]), host: match[2]!} : null
}

const clientPrefix = 'torque-serve:'

async function sign({ownerFile}: HomePaths, owner: Owner): Promise<void> {
  const draft = `${ownerFile}.${process.pid}`
  await writeFile(draft, JSON.stringify(owner))
  await rename(draft, ownerFile)
}

async function alreadyRunning(paths: HomePaths): Promise<TorqueError> {
  await delay(signingMs)
  const owner = await readOwner(paths)
  const who = owner ? ` (pid ${owner.pid} on ${owner.host})` : ''
  return new TorqueError('already_running', `another torque serve${who} has ${JSON.stringify(paths.home)}`, {
    hint: 'stop it first, or give this one a home (TORQUE_HOME) or a Redis (--redis) of its own',
  })
}

async function readOwner({ownerFile}: HomePaths): Promise<Owner | null> {
  try {
    return JSON.parse(await readFile(ownerFile, 'utf8')) as Owner
  } catch {
    return null
  }
}
