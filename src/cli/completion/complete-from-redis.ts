import type {Store} from '../../queue/store.js'
import {taskStates} from '../../task/task.js'
import type {Candidate, Wanted} from './complete.js'

/** Enough to choose from. */
const mostPerState = 10

/** What one look may go over; more are not recent. */
const mostScanned = 500

/** No other characters are put on a command line, whoever wrote them into Redis. */
const harmless = /^[\w.:/@~-]+$/

/** Recent ids, or the names of queues, troubled lanes or schedules, that begin with a word. */
export async function fromRedis(store: Store, kind: Wanted, word: string): Promise<Candidate[]> {
  const found = await look[kind](store, word)
  return found.filter(({value}) => value.startsWith(word) && harmless.test(value))
}

const look: Record<Wanted, (store: Store, word: string) => Promise<Candidate[]>> = {
  id: recentTasks,
  queue: async (store) => (await store.queueNames()).map((value) => ({value, about: ''})),
  lane: async (store) => (await store.limits.lanes()).map(({flowKey, queue}) => ({value: flowKey, about: `queue ${queue}`})),
  schedule: async (store) => {
    const {listSchedules} = await import('../../queue/find-schedules.js')
    return (await listSchedules(store, undefined)).map(({schedule}) => ({value: schedule.name, about: `queue ${schedule.queue}`}))
  },
}

/** Some of each state, so that a thousand that wait do not hide the one that is dead. */
async function recentTasks(store: Store, word: string): Promise<Candidate[]> {
  const filter = word === '' ? {} : {idPrefix: word}
  const pages = await Promise.all(
    taskStates.map((state) => store.inspector.page({states: [state], filter, limit: mostPerState, mostScanned})),
  )
  return pages.flatMap(({records}) => records.map(({task, state}) => ({value: task.id, about: `${state} ${task.url}`})))
}
