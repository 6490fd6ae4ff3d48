/**
 * Compares what was acknowledged with what the receiver saw and with what torque says in the end.
 *
 * `acknowledged`: `{name, id, notBefore, fate}`, what torque said it has. `abandoned`: names of what it said it has not.
 * `calls`: `{name, id, attempt, at, endedAt, status}`, what the receiver saw; status is null where the caller went away first.
 * `states`: `{id, state, attempts, errors, lostLeases, name}`, what torque says in the end. `addedTotal`: how many tasks it has counted.
 * `settled`: `{id, attempts}`, what it said on the way, each time a task had ended.
 * `forgets`: a failover may lose what was acknowledged and not replicated, tasks and notes of deliveries: counted, and no problem.
 * `forgetsTasks`: adds were not answered by replicas.
 * `faults`: `{name}` each. `concurrency`: the most calls at once of one process.
 *
 * Returns the figures, and `problems`: what must never be, a line each; none where all is well.
 */
export function check({acknowledged, abandoned, calls, states, settled, addedTotal, faults, concurrency, forgets, forgetsTasks}) {
  const byName = groupBy(calls, ({name}) => name)
  const stateOf = new Map(states.map((state) => [state.id, state]))
  const settledOf = new Map(settled.map(({id, attempts}) => [id, attempts]))
  const problems = []
  const figures = {
    tasks: acknowledged.length,
    calls: calls.length,
    delivered: 0,
    dead: 0,
    leaseLost: 0,
    lost: 0,
    forgotten: 0,
    duplicates: 0,
    overlaps: 0,
  }

  for (const task of acknowledged) {
    const made = (byName.get(task.name) ?? []).toSorted((one, other) => one.at - other.at)
    const state = stateOf.get(task.id)
    const loss = lossOf(task, made, state)
    if (loss && forgets && !state) {
      // The note of a delivery may be lost as well.
      if (made.some(({status}) => status === 200)) continue
      figures.forgotten += 1
      if (!forgetsTasks) problems.push(`forgotten, though replicas had it: ${task.name} (${task.id})`)
    } else if (loss) {
      figures.lost += 1
      problems.push(`lost: ${task.name} (${task.id}): ${loss}`)
    }
    if (state?.state === 'delivered') figures.delivered += 1
    if (state?.state === 'dead') figures.dead += 1
    if (state && isLeaseLost(state)) figures.leaseLost += 1
    figures.duplicates += duplicatesOf(made)
    figures.overlaps += overlapsOf(made)
    for (const wrong of wrongsOf(task, made, settledOf.get(task.id) ?? state?.attempts, forgets))
      problems.push(`${wrong}: ${task.name} (${task.id})`)
  }

  const names = new Set(acknowledged.map(({name}) => name))
  const known = new Set([...states.map(({name}) => name), ...byName.keys()])
  for (const name of abandoned) if (known.has(name)) problems.push(`queued after a plain 503: ${name}`)
  for (const name of known) if (!names.has(name) && !abandoned.includes(name)) problems.push(`never acknowledged: ${name}`)
  if (!forgets && addedTotal !== acknowledged.length) problems.push(`added ${addedTotal} tasks, not ${acknowledged.length}`)

  const allowed = concurrency * faults.filter(({name}) => mayDouble.has(name)).length
  if (!forgets && figures.duplicates > allowed)
    problems.push(`duplicates: ${figures.duplicates}, and ${allowed} at most were to be`)
  const overlapping = concurrency * faults.filter(({name}) => mayOverlap.has(name)).length
  if (figures.overlaps > overlapping) {
    problems.push(`a lease did not hold: ${figures.overlaps} calls while another ran, and ${overlapping} at most were to be`)
  }
  return {...figures, allowed: forgets ? null : allowed, problems}
}

/** Each costs one more call of each task that runs there at the most. */
const mayDouble = new Set(['kill', 'stop', 'failover'])
/** A process that was stopped keeps its connections, so that the next call finds the last one still open. */
const mayOverlap = new Set(['stop', 'failover'])

function lossOf({fate}, made, state) {
  if (!state) return 'torque does not know it'
  if (!['delivered', 'dead'].includes(state.state)) return `it still is ${state.state}`
  if (state.state === 'delivered' && !made.some(({status}) => status === 200)) return 'delivered, and nobody answered 200'
  if (state.state === 'dead' && fate !== 'dead' && !isLeaseLost(state))
    return `dead, after ${state.attempts} attempts and ${state.errors} errors`
  if (fate === 'dead' && state.state !== 'dead') return 'delivered, and all answers were errors'
  return undefined
}

/** It was binned, as it should be, because five processes in turn had died or stood still under it. */
function isLeaseLost({state, lostLeases}) {
  return state === 'dead' && lostLeases >= 5
}

/** Calls that no error had earned, beyond the one that each task needs. */
function duplicatesOf(made) {
  const refused = made.filter(({status}) => status !== null && status >= 300).length
  return Math.max(0, made.length - refused - 1)
}

function overlapsOf(made) {
  let [count, busyUntil] = [0, -Infinity]
  for (const {at, endedAt} of made) {
    if (at < busyUntil) count += 1
    busyUntil = Math.max(busyUntil, endedAt ?? Infinity)
  }
  return count
}

/** `settledAt`: the attempt by which it ended. `forgets`: Redis may have lost what it had acknowledged, and torque with it. */
function wrongsOf({id, notBefore}, made, settledAt, forgets) {
  const wrongs = []
  if (made.some(({at}) => at < notBefore)) wrongs.push('called early')
  if (made.some((call) => call.id !== id)) wrongs.push('called under another id')
  if (forgets) return wrongs
  const attempts = made.map(({attempt}) => attempt)
  if (new Set(attempts).size < attempts.length) wrongs.push('one attempt, two calls')
  if (Math.max(...attempts) > settledAt) wrongs.push('called again after it was settled')
  return wrongs
}

function groupBy(items, keyOf) {
  const groups = new Map()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
