import {expect} from 'vitest'

import {diagnose} from '../../src/queue/doctor/doctor.js'
import {QueueKeys} from '../../src/queue/keys.js'
import type {Queue} from '../../src/queue/queue.js'
import type {NewTask} from '../../src/task/task.js'
import {claimOptions} from './attempts.js'
import {openTestStore} from './open-store.js'

/** Claims what is due. */
export const claimAll = async (queue: Queue, {limit = 500} = {}) => (await queue.claim({...claimOptions, limit})).claims

/** A queue, and what the doctor says of it. */
export async function openPatient() {
  const {store, queue, namespace, inspector, clock} = await openTestStore()
  const keys = new QueueKeys(namespace, 'default')
  const add = async (...tasks: NewTask[]) => {
    await queue.add(tasks)
    return tasks.map(({id}) => id)
  }
  const look = async ({repair = false} = {}) => {
    const {findings, ...rest} = await diagnose(store, {repair})
    const ofTasks = findings.filter(({queue: name, code}) => name !== null && !['dead', 'no_serve'].includes(code))
    return {...rest, wrong: Object.fromEntries(ofTasks.map(({code, examples}) => [code, examples])), findings: ofTasks}
  }
  /** What it finds, what it mends, and what it finds then. */
  const mend = async () => {
    const [found, mended, left] = [await look(), await look({repair: true}), await look()]
    expect(mended.wrong).toEqual(found.wrong)
    expect(left.wrong).toEqual({})
    return found.wrong
  }
  const stateOf = async (id: string) => (await inspector.find([id]))[0]?.state
  return {store, redis: store.redis, queue, keys, clock, add, look, mend, stateOf}
}
