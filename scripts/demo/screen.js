// What the demo shows, on stdout.
import {styleText} from 'node:util'

const colored = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const style = (name, text) => (colored ? styleText(name, text) : text)
const write = (text) => process.stdout.write(`${text}\n`)

export const title = (text) => write(style('bold', text))
export const chapter = (text) => write(`\n${style('bold', text)}`)
export const note = (text) => write(`  ${text}`)
/** Something done, as it would be typed. */
export const command = (text) => write(`\n  ${style('cyan', text)}`)
export const output = (text) => write(text.trimEnd().replace(/^/gm, '    '))

/** A call that arrived at a target. */
export function arrival({seconds, name, attempt, status, remark}) {
  const answer = style(status < 300 ? 'green' : 'red', `→ ${status}`)
  write(`  ${seconds.toFixed(2).padStart(6)} s  ${name.padEnd(9)} call ${attempt}  ${answer}  ${style('dim', remark)}`)
}
