import type {Logger} from '../log.js'
import {traceOf} from '../task/trace.js'
import type {Verdict} from '../task/verdict.js'
import type {Flight} from './flight.js'

/** What an attempt came to. What went well is told of tasks only that are part of a trace. */
export function logEnd(log: Logger, {queue, claim: {task, attempt}}: Flight, {op, run}: Verdict): void {
  const {status, error, durationMs} = run.history.at(-1)!
  const details = {queue: queue.name, id: task.id, attempt, outcome: op, status, error, durationMs, ...traceOf(task)}
  log.debug(details, 'an attempt has ended')
}
