import type {BulkVerb} from '../../queue/bulk.js'
import type {Selection} from '../../queue/selection.js'
import type {Store} from '../../queue/store.js'
import {defaultLimits} from '../../task/limits.js'
import {taskView} from '../../task/view.js'
import {escapeText} from '../../escape.js'
import {count, fromNow} from '../terminal/format.js'
import {lastErrorText} from '../tasks/task-rows.js'

/** What a bulk verb is about to do, for the person at the terminal: how many tasks, in which states, how old, and a few of them. */
export async function bulkPreview(store: Store, verb: BulkVerb, selection: Selection): Promise<string> {
  const {size, queues} = selection
  const where = queues.length === 1 ? `queue ${queues[0]}` : count(queues.length, 'queue')
  const states = selection.countStates().map(({state, count: number}) => `${number} ${state}`)
  const heading = `About to ${verb} ${count(size, 'task')} of ${where}: ${[...states, ...ages(selection)].join(', ')}.`
  return [heading, ...(await samples(store, selection))].join('\n')
}

function ages({oldest, newest}: Selection): string[] {
  if (oldest === Infinity) return []
  const now = Date.now()
  const [from, to] = [age(oldest, now), age(newest, now)]
  return [from === to ? from : `from ${from} to ${to}`]
}

/** Another machine's clock may be ahead of ours. */
function age(at: number, now: number): string {
  const text = fromNow(Math.min(at, now), now)
  return text === 'now' ? 'just now' : text
}

async function samples(store: Store, {samples: {queue, ids}, size}: Selection): Promise<string[]> {
  const records = await store.inspector.find(ids, {queue})
  const lines = records.map((record) => {
    const view = taskView(record, defaultLimits)
    return `  ${view.id}  ${view.method} ${view.url}  ${lastErrorText(view)}`
  })
  return [...lines.map((line) => escapeText(line.trimEnd())), ...(size > ids.length ? ['  …'] : [])]
}
