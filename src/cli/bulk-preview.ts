import type {BulkVerb, SelectedTask} from '../queue/bulk.js'
import type {Store} from '../queue/store.js'
import {taskStates} from '../task/task.js'
import {defaultLimits} from '../task/limits.js'
import {taskView} from '../task/view.js'
import {escapeText} from '../escape.js'
import {count, fromNow} from './format.js'
import {lastErrorText} from './task-rows.js'

const sampleSize = 3

/** What a bulk verb is about to do, for the person at the terminal: how many tasks, in which states, how old, and a few of them. */
export async function bulkPreview(store: Store, verb: BulkVerb, tasks: readonly SelectedTask[]): Promise<string> {
  const queues = [...new Set(tasks.map(({queue}) => queue))]
  const heading = `About to ${verb} ${count(tasks.length, 'task')} of ${queues.length === 1 ? `queue ${queues[0]}` : count(queues.length, 'queue')}`
  return [`${heading}: ${stateCounts(tasks)}, ${ages(tasks)}.`, ...(await samples(store, tasks))].join('\n')
}

function stateCounts(tasks: readonly SelectedTask[]): string {
  const counts = taskStates.map((state) => ({state, number: tasks.filter((task) => task.state === state).length}))
  return counts.flatMap(({state, number}) => (number > 0 ? [`${number} ${state}`] : [])).join(', ')
}

function ages(tasks: readonly SelectedTask[]): string {
  const now = Date.now()
  const [oldest, newest] = tasks.reduce(([low, high], {ageFrom}) => [Math.min(low, ageFrom), Math.max(high, ageFrom)], [now, 0])
  const [from, to] = [age(oldest, now), age(newest, now)]
  return from === to ? from : `from ${from} to ${to}`
}

/** Another machine's clock may be ahead of ours. */
function age(at: number, now: number): string {
  const text = fromNow(Math.min(at, now), now)
  return text === 'now' ? 'just now' : text
}

async function samples(store: Store, tasks: readonly SelectedTask[]): Promise<string[]> {
  const some = tasks.slice(0, sampleSize)
  const records = await store.inspector.find(
    some.map(({id}) => id),
    {queue: some[0]?.queue},
  )
  const lines = records.map((record) => {
    const view = taskView(record, defaultLimits)
    return `  ${view.id}  ${view.method} ${view.url}  ${lastErrorText(view)}`
  })
  return [...lines.map((line) => escapeText(line.trimEnd())), ...(tasks.length > some.length ? ['  …'] : [])]
}
