import {escapeText} from '../../escape.js'
import type {WhyView} from '../../queue/why-view.js'
import type {Styles} from '../terminal/color.js'
import {paintState} from './task-rows.js'

/** One screen for people: where the task stands, why, and what to do. */
export function whySheet({id, queue, state, schedule, nextAttemptAt, reasons}: WhyView, styles: Styles): string {
  const origin = schedule === null ? '' : `, added by schedule ${escapeText(schedule)}`
  const title = `${styles.bold(escapeText(id))}  ${paintState(state, styles)}  ${styles.dim(`queue ${queue}${origin}`)}`
  const why = reasons.flatMap(({message, help}) => [
    `- ${escapeText(message)}`,
    ...(help ? [`  ${styles.dim(`to ${help.does}:`)} ${escapeText(help.command)}`] : []),
  ])
  const next = nextAttemptAt === null ? [] : ['', `${styles.dim('next attempt, at the earliest')}  ${nextAttemptAt}`]
  return [title, '', ...why, ...next, ''].join('\n')
}

/** A line a reason, off a terminal. */
export function whyCells({reasons}: WhyView): string[][] {
  return reasons.map(({code, message, until, help}) => [code, message, until ?? '', help?.command ?? ''])
}
