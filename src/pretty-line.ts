import {escapeJson, escapeText} from './escape.js'

interface LogLine {
  level: number
  time: string
  msg: string
  pid?: number
}

const levels: Record<number, {name: string; color: number}> = {
  20: {name: 'DEBUG', color: 34},
  30: {name: 'INFO', color: 32},
  40: {name: 'WARN', color: 33},
  50: {name: 'ERROR', color: 31},
}

/** A JSON line of the log as people read it: `[17:00:00.123] INFO: torque is ready {"url":"http://127.0.0.1:8090"}`. */
export function prettyLine(json: string, color: boolean): string {
  const {level, time, msg, pid, ...details} = JSON.parse(json) as LogLine
  const {name, color: code} = levels[level] ?? {name: String(level), color: 39}
  const label = color ? `\u001b[${code}m${name}\u001b[39m` : name
  const text = Object.keys(details).length === 0 ? '' : ` ${escapeJson(JSON.stringify(details))}`
  return `[${clock(new Date(time))}] ${label}${pid === undefined ? '' : ` (${pid})`}: ${escapeText(msg)}${text}\n`
}

/** The time of day where the reader is. */
function clock(at: Date): string {
  return `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, '0')}`
}
