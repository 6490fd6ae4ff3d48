import {type QueueContext, batchLimit} from '../context.js'
import {type Position, type ScanOptions, scan} from '../scripts/scan.js'

/** Sorted sets are ordered by score, then by the bytes of the member; ids and queue names are ASCII, so `<` does. */
export function comparePositions(left: Position, right: Position): number {
  if (left.score !== right.score) return left.score - right.score
  return left.member < right.member ? -1 : left.member > right.member ? 1 : 0
}

/** The first `limit` members of many sorted sets taken together, from a position on, upwards. */
export async function mergeSets(
  context: QueueContext,
  sets: readonly string[],
  options: Omit<ScanOptions, 'order'>,
): Promise<Position[]> {
  let merged: Position[] = []
  let [open, after, inclusive] = [sets, options.after, options.inclusive ?? false]
  // Most lanes hold little: begin with a few of each, and look deeper only into those that have more.
  let depth = Math.min(options.limit, Math.ceil((2 * options.limit) / Math.max(1, sets.length)) + 1)
  while (open.length > 0 && merged.length < options.limit) {
    const pages = await scanAll(context, open, {after, inclusive, limit: depth})
    const deeper = pages.map((page) => page.length === depth)
    const found = pages.flat().toSorted(comparePositions)
    // Beyond the end of the shortest look there may be something not seen yet.
    const seenTo = pages.filter((_page, index) => deeper[index]).map((page) => page.at(-1) as Position)
    const bound = seenTo.toSorted(comparePositions)[0]
    // Not pushed: that many lanes are more than a call takes arguments.
    merged = merged.concat(bound ? found.filter((position) => comparePositions(position, bound) <= 0) : found)
    if (!bound) break
    open = open.filter((_set, index) => deeper[index] || hasBeyond(pages[index] ?? [], bound))
    ;[after, inclusive, depth] = [bound, false, Math.min(options.limit, depth * 2)]
  }
  return merged.slice(0, options.limit)
}

function hasBeyond(page: readonly Position[], bound: Position): boolean {
  const last = page.at(-1)
  return last !== undefined && comparePositions(last, bound) > 0
}

async function scanAll(
  context: QueueContext,
  sets: readonly string[],
  options: Omit<ScanOptions, 'order'>,
): Promise<Position[][]> {
  const pages: Position[][] = []
  for (let from = 0; from < sets.length; from += batchLimit) {
    pages.push(...(await scan(context, sets.slice(from, from + batchLimit), {...options, order: 'up'})))
  }
  return pages
}
