/** The candidate that `word` was probably meant to be, if one is near enough to be worth saying. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({candidate, distance: editDistance(word, candidate)}))
  const nearest = ranked.sort((a, b) => a.distance - b.distance)[0]
  // A third of the letters may be wrong: `rety` is retry, `foo` is nothing.
  return nearest && nearest.distance <= Math.max(1, Math.floor(word.length / 3)) ? nearest.candidate : undefined
}

/** The hint of an error, where one of the candidates is near. */
export function meantHint(word: string, candidates: readonly string[]): {hint?: string} {
  const meant = suggest(word, candidates)
  return meant === undefined ? {} : {hint: `Did you mean ${meant}?`}
}

/** How many letters to insert, delete, replace or swap with their neighbour to make `a` into `b`. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({length: b.length + 1}, (_, column) => column)]
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) current.push(cost(a, b, row, column, [...rows, current]))
    rows.push(current)
  }
  return rows[a.length]?.[b.length] ?? 0
}

function cost(a: string, b: string, row: number, column: number, rows: number[][]): number {
  const at = (r: number, c: number) => rows[r]?.[c] ?? Number.POSITIVE_INFINITY
  const same = a[row - 1] === b[column - 1]
  const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
  return Math.min(
    at(row - 1, column) + 1,
    at(row, column - 1) + 1,
    at(row - 1, column - 1) + (same ? 0 : 1),
    swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
  )
}
