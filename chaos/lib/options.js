import {parseArgs} from 'node:util'

import {faults} from './faults.js'
import {sabotage} from './sabotage.js'

/** How often each fault is made unless told otherwise. */
const mix = {
  kill: 6,
  stop: 3,
  term: 3,
  'redis-kill': 3,
  'script-flush': 3,
  'client-kill': 3,
  cut: 6,
  'full-memory': 2,
  'full-disk': 1,
}

/** With Sentinels. */
const sentinelMix = {kill: 4, stop: 2, term: 2, failover: 3, 'script-flush': 2, 'client-kill': 2}

export const usage = `usage: npm run chaos -- [FLAG…]
  --seed N          what chance begins with; printed, so that a run can be had again   [any]
  --scale N         tasks                                                              [2000]
  --faults LIST     name:times,…, or none; names are ${Object.keys(faults).join(', ')}
                                                                                       [${Object.entries(mix)
                                                                                         .map((each) => each.join(':'))
                                                                                         .join(',')}]
  --kills N         the same as kill:N in that list
  --rounds N        so many runs, each with the next seed                              [1]
  --serves N        processes                                                          [3]
  --concurrency N   calls at once of each                                              [50]
  --lease MS        how long a claim holds                                             [2000]
  --at-once N       faults at the same time                                            [1]
  --fsync WHEN      appendfsync of the Redis: always or everysec                       [always]
  --sentinel        a master, two replicas and three Sentinels, and failover among the faults
  --ack-replicas N  with --sentinel: the flag of serve. A failover must forget no task then [0]
  --redis-server P  the server's program                                               [the one torque finds]
  --keep            keep the records and logs of a run that went well, too
  --sabotage NAME   break torque on purpose: ${Object.keys(sabotage).join(', ')}`

const flags = {
  seed: {type: 'string'},
  scale: {type: 'string', default: '2000'},
  faults: {type: 'string'},
  kills: {type: 'string'},
  rounds: {type: 'string', default: '1'},
  serves: {type: 'string', default: '3'},
  concurrency: {type: 'string', default: '50'},
  lease: {type: 'string', default: '2000'},
  'at-once': {type: 'string', default: '1'},
  fsync: {type: 'string', default: 'always'},
  sentinel: {type: 'boolean', default: false},
  'ack-replicas': {type: 'string', default: '0'},
  'redis-server': {type: 'string'},
  keep: {type: 'boolean', default: false},
  sabotage: {type: 'string'},
  help: {type: 'boolean', default: false},
}

/** The command line, checked. Throws an error in words for one that cannot be. */
export function readOptions(args) {
  const {values} = parseArgs({args, options: flags})
  const number = (name, least = 1) => wholeNumber(name, values[name], least)
  if (values.sabotage !== undefined && !Object.hasOwn(sabotage, values.sabotage))
    throw new Error(`no such sabotage: ${String(values.sabotage)}`)
  if (!['always', 'everysec'].includes(values.fsync))
    throw new Error(`--fsync is always or everysec, not ${String(values.fsync)}`)
  return {
    help: values.help,
    seed: values.seed === undefined ? Math.floor(Math.random() * 1e9) : number('seed', 0),
    scale: number('scale'),
    faults: {...readFaults(values.faults, values.sentinel), ...(values.kills !== undefined && {kill: number('kills', 0)})},
    rounds: number('rounds'),
    serves: number('serves'),
    concurrency: number('concurrency'),
    leaseMs: number('lease', 1_000),
    atOnce: number('at-once'),
    fsync: values.fsync,
    sentinel: values.sentinel,
    ackReplicas: number('ack-replicas', 0),
    program: values['redis-server'],
    keep: values.keep,
    sabotage: values.sabotage,
  }
}

function wholeNumber(name, text, least) {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text)
  throw new Error(`--${name} ${JSON.stringify(text)} is not a whole number of at least ${least}`)
}

function readFaults(text, sentinel) {
  if (text === undefined) return sentinel ? sentinelMix : mix
  if (text === 'none') return {}
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name, times = '1'] = part.split(':')
      if (!Object.hasOwn(faults, name)) throw new Error(`no such fault: ${name}`)
      return [name, wholeNumber('faults', times, 0)]
    }),
  )
}
