import {scheduleOfId} from '../task/schedule.js'
import type {TaskRecord} from '../task/task.js'
import {effectivePolicy} from './effective-policy.js'
import {Schedules} from './schedules.js'
import type {Store} from './store.js'
import {type WhyView, whyView} from './why-view.js'

/** Says of a task why it has not been delivered, and what to do. Throws only `TorqueError`. */
export async function readWhy(store: Store, record: TaskRecord, place: readonly string[] = []): Promise<WhyView> {
  const {task, queue} = record
  const [obstacles, processes, {policy}, schedule] = await Promise.all([
    store.limits.obstacles(queue, task.flowKey),
    store.processes.live(),
    effectivePolicy(store, record),
    scheduleOf(store, record),
  ])
  return whyView({record, obstacles, processes, maxErrors: policy.maxErrors}, {schedule, place})
}

/** The name of the schedule that its id says has added it, where there is such a one. */
async function scheduleOf(store: Store, {task, queue}: TaskRecord): Promise<string | null> {
  const name = scheduleOfId(task.id)
  return name !== undefined && (await new Schedules(store, queue).find(name)) ? name : null
}
