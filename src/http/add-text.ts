import type {AddResult} from '../queue/queue.js'
import {addView, isoInstant} from '../task/view.js'

/** The JSON of what an add answers. Every add comes by here: what torque itself has made or checked needs no escaping. */
export function addText(result: AddResult): string {
  const {id, queue, state, dueAt, duplicate, replaced} = result
  if (duplicate || replaced || dueAt === null) return JSON.stringify(addView(result))
  return `{"id":"${id}","queue":"${queue}","state":"${state}","dueAt":"${instantText(dueAt)}","duplicate":false}`
}

let lastInstant = NaN
let lastText = ''

/** Those that are added together are mostly due together, and to write an instant takes longer than all the rest. */
function instantText(ms: number): string {
  if (ms !== lastInstant) {
    lastText = isoInstant(ms) ?? ''
    lastInstant = ms
  }
  return lastText
}
