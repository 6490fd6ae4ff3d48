import type {Wrong} from './checkup.js'
import type {FindingLevel} from './finding.js'

interface Words {
  level: FindingLevel
  message: string
  remedy: string
  /** `--repair` puts it right. */
  mendable: boolean
}

const repair = 'torque doctor --repair'

/** What is wrong in words, and what becomes of it. */
export const wrongWords: Record<Wrong, Words> = {
  lost_body: {
    level: 'error',
    message: 'tasks stand in no state: nobody would call them',
    remedy: `${repair} puts them back into their lanes, due now; one that cannot be read goes to the dead`,
    mendable: true,
  },
  no_body: {
    level: 'warning',
    message: 'ids without a task',
    remedy: `${repair} takes them away`,
    mendable: true,
  },
  two_states: {
    level: 'error',
    message: 'tasks stand in two states at once',
    remedy: `${repair} leaves each in one: active before waiting before dead before delivered, so that none is lost`,
    mendable: true,
  },
  wrong_lane: {
    level: 'warning',
    message: 'tasks wait in a lane that is not theirs',
    remedy: `${repair} moves them`,
    mendable: true,
  },
  stale_lease: {
    level: 'warning',
    message: 'leases without a task, or of an attempt that is not the task’s next one',
    remedy: `${repair} ends them`,
    mendable: true,
  },
  retrying_index: {
    level: 'warning',
    message: 'the index of retrying tasks does not say what their lanes say',
    remedy: `${repair} writes it anew`,
    mendable: true,
  },
  lane_hint: {
    level: 'error',
    message: 'lanes with waiting tasks that are never claimed from',
    remedy: `${repair} lists them again`,
    mendable: true,
  },
  lane_count: {
    level: 'warning',
    message: 'lanes with a wrong number of running tasks: --lane-concurrency holds too early or too late',
    remedy: `${repair} counts them anew`,
    mendable: true,
  },
  unreadable: {
    level: 'warning',
    message: 'tasks that cannot be read wait for their turn',
    remedy: 'serve puts each with the dead, as corrupt, when it is due',
    mendable: false,
  },
  wrong_type: {
    level: 'error',
    message: 'keys that are not of the type that torque has there: something else has written them',
    remedy: 'look what it is, then RENAME or DEL it',
    mendable: false,
  },
}
