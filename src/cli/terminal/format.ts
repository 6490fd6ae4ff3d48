/** `1 task`, `12 tasks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

const steps = [
  {unit: 'd', ms: 86_400_000, from: 2 * 86_400_000},
  {unit: 'h', ms: 3_600_000, from: 2 * 3_600_000},
  {unit: 'm', ms: 60_000, from: 2 * 60_000},
  {unit: 's', ms: 1000, from: 1000},
] as const

/** How far an instant is from now, for people: `in 8s`, `3m ago`, `now`. */
export function fromNow(at: number, now: number): string {
  const distance = Math.abs(at - now)
  const step = steps.find(({from}) => distance >= from)
  if (!step) return 'now'
  const length = `${Math.round(distance / step.ms)}${step.unit}`
  return at > now ? `in ${length}` : `${length} ago`
}
