import {TorqueError} from '../../errors.js'
import type {OutcomeNote} from '../../queue/outcome-channel.js'
import type {Store} from '../../queue/store.js'
import {type Filter, matchesAge, ageFrom, matchesId, matchesRun, matchesTask} from '../../task/filter.js'
import {type Run, type Task, type TaskState, newRun, taskStates} from '../../task/task.js'

const outcomes: readonly TaskState[] = ['delivered', 'retrying', 'dead']

/** Throws `invalid_state` for a state that no attempt ends in: nothing would ever come. */
export function checkOutcomes({states}: Filter): void {
  if (!states || states === taskStates || states.every((state) => outcomes.includes(state))) return
  throw new TorqueError('invalid_state', `--state is what an attempt comes to: ${outcomes.join(', ')}`, {field: 'state'})
}

/**
 * Which of the outcomes are meant. What a note does not say of its task (its params, its age, its errors) is looked up; a task that is
 * no longer kept is not meant then.
 */
export async function meant(store: Store, filter: Filter, notes: readonly OutcomeNote[]): Promise<OutcomeNote[]> {
  const {params, olderThanMs, newerThanMs, minErrors, ...said} = filter
  const found = notes.filter((note) => matchesNote(said, note))
  if ((params ?? olderThanMs ?? newerThanMs ?? minErrors) === undefined || found.length === 0) return found
  const records = await store.inspector.find(found.map(({id}) => id))
  const now = await store.now()
  const byPlace = new Map(records.map((record) => [placeOf(record.queue, record.task.id), record]))
  return found.filter(({queue, id}) => {
    const record = byPlace.get(placeOf(queue, id))
    if (!record) return false
    const errors = {...(minErrors !== undefined && {minErrors})}
    return (
      matchesTask({...(params && {params})}, record.task) &&
      matchesAge(filter, ageFrom(record), now) &&
      matchesRun(errors, record.run)
    )
  })
}

function matchesNote(filter: Filter, {id, url, flowKey, outcome, attempt, status, error}: OutcomeNote): boolean {
  const ended = {attempt, startedAt: null, durationMs: null, status, error, message: null, response: null}
  const run: Run = {...newRun, history: [ended]}
  const task: Pick<Task, 'id' | 'url' | 'flowKey' | 'payload'> = {id, url, flowKey, payload: {kind: 'none'}}
  return (
    (filter.states ?? [outcome]).includes(outcome) &&
    matchesId(filter, id) &&
    matchesTask(filter, task as Task) &&
    matchesRun(filter, run)
  )
}

function placeOf(queue: string, id: string): string {
  return `${queue}\n${id}`
}
