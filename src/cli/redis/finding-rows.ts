import type {Diagnosed} from '../../queue/doctor/doctor.js'
import type {Styles} from '../terminal/color.js'
import {escapeText} from '../../escape.js'

const paints = {error: 'red', warning: 'yellow', note: 'dim'} as const

/** A finding for people: what, how many, for instance, and what to do. */
export function findingText(finding: Diagnosed, styles: Styles): string {
  const {level, code, message, remedy, examples, queue, count, mended} = finding
  const head = `${styles[paints[level]](mended ? 'mended' : level)} ${code}${queue === null ? '' : ` in queue ${queue}`}`
  const what = `${count === null ? '' : `${count} `}${message}`
  const shown = examples.length === 0 ? '' : `  ${escapeText(examples.join(' '))}\n`
  return `${head}: ${escapeText(what)}\n${shown}  ${styles.dim(`→ ${escapeText(remedy)}`)}\n`
}

/** The same off a terminal, its fields in their order. */
export function findingLines({level, code, queue, count, mended, message, remedy}: Diagnosed): string[] {
  return [level, code, queue ?? '', String(count ?? ''), mended ? 'mended' : 'open', message, remedy]
}
