/** Most problems that are printed; all are in the records. */
const mostShown = 20

/** The closing report, as text on stdout. */
export function printReport({problems, ...figures}, {faults, skipped = [], seed, tookMs}) {
  const line = (name, value) => console.log(`${name.padEnd(12)}${value}`)
  if (seed !== undefined) line('seed', seed)
  if (tookMs !== undefined) line('took', `${Math.round(tookMs / 1000)} s`)
  line(
    'tasks',
    `${figures.tasks} acknowledged, ${figures.delivered} delivered, ${figures.dead} dead (${figures.leaseLost} of them lease_lost)`,
  )
  line('calls', figures.calls)
  line('faults', `${faults.length}${faults.length > 0 ? `: ${countText(faults)}` : ''}`)
  if (skipped.length > 0) line('skipped', skipped.join('; '))
  line('lost', figures.lost)
  if (figures.forgotten > 0) line('forgotten', `${figures.forgotten}, acknowledged and not yet replicated at a failover`)
  line('duplicates', `${figures.duplicates}${figures.allowed === null ? '' : `, at most ${figures.allowed} allowed`}`)
  line('overlaps', figures.overlaps)
  for (const problem of problems.slice(0, mostShown)) line('PROBLEM', problem)
  if (problems.length > mostShown) line('PROBLEM', `and ${problems.length - mostShown} more`)
}

function countText(faults) {
  const counts = new Map()
  for (const {name} of faults) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
}
