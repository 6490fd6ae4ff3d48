import {defaultBackoff} from '../task/backoff.js'
import {defaultLimits} from '../task/limits.js'
import {type Policy, decide, policyNames} from '../task/policy.js'
import type {TaskRecord} from '../task/task.js'
import {type TaskView, taskView} from '../task/view.js'
import {takesQueue} from './process-registry.js'
import type {Store} from './store.js'

/** Who has said a value. */
export type PolicySource = 'task' | 'queue' | 'serve' | 'default'

/** What holds for a task, value by value, in the order in which they are shown. */
export interface EffectivePolicy {
  policy: Policy
  sources: {name: keyof Policy; value: NonNullable<Policy[keyof Policy]>; from: PolicySource}[]
}

const curve: readonly (keyof Policy)[] = ['minBackoffMs', 'maxBackoffMs', 'factor']

/** Task over queue over the flags of a `serve` that takes the queue, or else the defaults. Throws only `TorqueError`. */
export async function effectivePolicy(store: Store, {task, queue}: Pick<TaskRecord, 'task' | 'queue'>): Promise<EffectivePolicy> {
  const [settings, live] = await Promise.all([store.limits.settings([queue]), store.processes.live()])
  const process = live.find((each) => takesQueue(each, queue)) ?? live[0]
  const {maxErrors, timeoutMs} = process ?? defaultLimits
  const base = process?.policy ?? {...defaultBackoff, maxErrors, timeoutMs}
  const ofQueue = settings.get(queue)?.policy ?? {}
  const policy = decide(task, decide(ofQueue, base))
  const sources = policyNames.flatMap((name) => {
    const value = policy[name]
    // A list of waits takes the place of a curve.
    if (value === undefined || (policy.waitsMs && curve.includes(name))) return []
    const said = task[name] !== undefined ? 'task' : ofQueue[name] !== undefined ? 'queue' : process ? 'serve' : 'default'
    return [{name, value, from: said} as const]
  })
  return {policy, sources}
}

/** A task with its attempts, and what holds for it: each value and who has said it. */
export interface FullTaskView extends TaskView {
  policy: Partial<Record<keyof Policy, {value: Policy[keyof Policy]; from: PolicySource}>>
}

export function fullTaskView(record: TaskRecord, {policy, sources}: EffectivePolicy): FullTaskView {
  const {attempts = [], ...view} = taskView(record, policy, {attempts: true})
  const named = Object.fromEntries(sources.map(({name, value, from}) => [name, {value, from}]))
  return {...view, policy: named, attempts}
}
