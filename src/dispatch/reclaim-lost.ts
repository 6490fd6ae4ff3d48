import type {Logger} from '../log.js'
import type {Claim, Queue} from '../queue/queue.js'
import {traceOf} from '../task/trace.js'
import {type Verdict, lostLeaseVerdict} from '../task/verdict.js'
import type {LeaseKeeper} from './lease-keeper.js'

/** What is to be told of a verdict goes along with it. */
type Telling = (flight: {queue: Queue; claim: Claim}, verdict: Verdict, now: number) => Verdict

/** Takes back what dead or stalled processes held. What is held here is not lost: it is extended by the next sweep. */
export async function reclaimLost(
  queue: Queue,
  lost: readonly Claim[],
  {leases, log, telling}: {leases: LeaseKeeper; log: Logger; telling: Telling},
): Promise<void> {
  const foreign = lost.filter((claim) => !leases.holds(queue, claim))
  const items = foreign.map((claim) => {
    const {task, run, attempt, dueAt: now} = claim
    return {task, attempt, verdict: telling({queue, claim}, lostLeaseVerdict(run, attempt), now)}
  })
  for (const {task, attempt, verdict} of items) {
    const details = {queue: queue.name, id: task.id, attempt, outcome: verdict.op, ...traceOf(task)}
    log.warn(details, 'lease_lost: an attempt was abandoned by its process')
  }
  await queue.reclaim(items)
}
