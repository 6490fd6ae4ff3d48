import {expect} from 'vitest'

import type {Inspector, PageOptions} from '../../src/queue/inspector.js'
import type {TaskRecord} from '../../src/task/task.js'

/** Follows the cursors to the end; `between` runs after each page. */
export async function walkPages(
  inspector: Inspector,
  options: Omit<PageOptions, 'cursor'>,
  between?: () => unknown,
): Promise<TaskRecord[]> {
  const shown: TaskRecord[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < 1000; pages++) {
    const page = await inspector.page({...options, cursor})
    expect(page.records.length).toBeLessThanOrEqual(options.limit)
    shown.push(...page.records)
    if (page.cursor === null) return shown
    cursor = page.cursor
    await between?.()
  }
  throw new Error('the pages do not end')
}

export const idsOf = (records: TaskRecord[]) => records.map(({task}) => task.id)

/** How often each id was shown. */
export function timesShown(records: TaskRecord[], ids: readonly string[]): Set<number> {
  const shown = idsOf(records)
  const times = new Map<string, number>(ids.map((id) => [id, 0]))
  for (const id of shown) times.set(id, (times.get(id) ?? 0) + 1)
  return new Set(ids.map((id) => times.get(id) ?? 0))
}
