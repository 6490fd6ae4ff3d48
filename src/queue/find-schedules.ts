import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import type {ScheduleRecord} from '../task/schedule.js'
import {Schedules} from './schedules.js'
import type {Store} from './store.js'

/** All schedules, of one queue or of every one, by queue and name. */
export async function listSchedules(store: Store, queue: string | undefined): Promise<ScheduleRecord[]> {
  return inQueues(store, queue, (name) => new Schedules(store, name).list())
}

/** The one schedule of this name. Without a queue all are looked into. Throws `no_such_schedule` or `ambiguous_id`. */
export async function findSchedule(store: Store, name: string, queue: string | undefined): Promise<ScheduleRecord> {
  const found = await inQueues(store, queue, async (each) => (await new Schedules(store, each).find(name)) ?? [])
  const [record, twin] = found
  if (!record) throw noSuchSchedule(name)
  if (!twin) return record
  const both = `${record.schedule.queue} and ${twin.schedule.queue}`
  throw new TorqueError('ambiguous_id', `schedule ${quote(name)} stands in the queues ${both}: name one`, {field: 'queue'})
}

export function noSuchSchedule(name: string): TorqueError {
  return new TorqueError('no_such_schedule', `there is no schedule ${quote(name)}`, {field: 'name'})
}

async function inQueues<Found>(
  store: Store,
  queue: string | undefined,
  look: (queue: string) => Promise<Found | Found[]>,
): Promise<Found[]> {
  const queues = queue === undefined ? await store.scheduledQueues() : [queue]
  return (await Promise.all(queues.map(look))).flat() as Found[]
}
