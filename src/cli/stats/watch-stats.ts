import {setTimeout as delay} from 'node:timers/promises'

import {type Stats, statsView} from '../../queue/stats.js'
import {Interrupt} from '../terminal/interrupt.js'
import {LiveScreen} from '../terminal/live-screen.js'
import type {Output} from '../terminal/output.js'

export interface WatchOptions {
  intervalMs: number
  output: Output
  read: () => Promise<Stats>
}

/** Redraws the counts until a signal ends it; resolves to the exit code that the signal means. */
export async function watchStats({intervalMs, output, read}: WatchOptions): Promise<number> {
  const screen = new LiveScreen(process.stdout)
  const [styles, {statsScreen}] = await Promise.all([output.styles(), import('./stats-screen.js')])
  return untilInterrupted(intervalMs, screen, async () => {
    const stats = await read()
    const now = Date.now()
    const tables = statsScreen(stats, {now, width: output.width, styles})
    screen.draw(`${tables}\n\n${styles.dim(`${new Date(now).toISOString()}  Ctrl-C ends`)}`)
  })
}

/** One document per interval, for what is not a terminal. */
export async function streamStats({intervalMs, output, read}: WatchOptions): Promise<number> {
  return untilInterrupted(intervalMs, undefined, async () => output.ndjson([statsView(await read())]))
}

async function untilInterrupted(intervalMs: number, screen: LiveScreen | undefined, step: () => Promise<void>): Promise<number> {
  const interrupt = new Interrupt()
  screen?.start()
  try {
    while (!interrupt.signal.aborted) {
      await step()
      await delay(intervalMs, undefined, {signal: interrupt.signal}).catch(() => {})
    }
    return interrupt.exitCode
  } finally {
    screen?.stop()
    interrupt.stop()
  }
}
