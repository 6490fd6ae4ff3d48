import type {LaneView, QueueView} from '../../queue/queue-view.js'
import {formatDuration} from '../../task/duration.js'
import {fromNow} from '../terminal/format.js'
import type {TableColumn} from '../terminal/output.js'

export const queueColumns: TableColumn[] = [
  {head: 'QUEUE'},
  {head: 'STATE'},
  {head: 'WAITING', right: true},
  {head: 'ACTIVE', right: true},
  {head: 'DEAD', right: true},
  {head: 'LANES SET ASIDE', right: true},
  {head: 'SETTINGS', shrink: true},
]

/** The row for people. */
export function queueCells(queue: QueueView, now: number): string[] {
  const waiting = queue.scheduled + queue.ready + queue.retrying
  const counts = [waiting, queue.active, queue.dead, queue.lanesSetAside].map(String)
  return [queue.name, stateText(queue, now), ...counts, settingsText(queue)]
}

/** The line off a terminal. */
export function queueLine(queue: QueueView): string[] {
  const {name, paused, pausedUntil, pauseReason, scheduled, ready, active, retrying, dead, delivered, lanesSetAside} = queue
  const counts = [scheduled, ready, active, retrying, dead, delivered, lanesSetAside].map(String)
  return [name, paused ? 'paused' : 'running', pausedUntil ?? '', pauseReason ?? '', ...counts, settingsText(queue)]
}

/** `paused`, until when and why. */
export function stateText({paused, pausedUntil, pauseReason}: QueueView, now: number): string {
  if (!paused) return 'running'
  const until = pausedUntil === null ? '' : ` until ${fromNow(Date.parse(pausedUntil), now)}`
  return `paused${until}${pauseReason === null ? '' : `: ${pauseReason}`}`
}

function settingsText({settings}: QueueView): string {
  const given = Object.entries(settings).filter(([, value]) => value !== null)
  return given.map(([name, value]) => `${name.replace(/Ms$/, '')}=${valueText(name, value)}`).join(' ')
}

function valueText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => formatDuration(Number(each))).join(',')
  if (name.endsWith('Ms')) return formatDuration(Number(value))
  return name.toLowerCase().endsWith('rate') ? rateText(Number(value)) : String(value)
}

/** In the unit in which it is a number that people write. */
function rateText(perSecond: number): string {
  const units = [
    {unit: 's', seconds: 1},
    {unit: 'm', seconds: 60},
    {unit: 'h', seconds: 3600},
    {unit: 'd', seconds: 86_400},
  ]
  const fits = units.find(({seconds}) => perSecond * seconds >= 1) ?? units.at(-1)!
  return `${Number((perSecond * fits.seconds).toPrecision(6))}/${fits.unit}`
}

export const laneColumns: TableColumn[] = [
  {head: 'QUEUE'},
  {head: 'LANE', shrink: true},
  {head: 'STATE'},
  {head: 'FAILURES', right: true},
  {head: 'WAITING', right: true},
  {head: 'DUE', right: true},
  {head: 'ACTIVE', right: true},
]

/** The row for people. */
export function laneCells(lane: LaneView, now: number): string[] {
  const counts = [lane.failures, lane.waiting, lane.due, lane.active].map(String)
  return [lane.queue, lane.flowKey, laneText(lane, now), ...counts]
}

/** The line off a terminal. */
export function laneLine(lane: LaneView): string[] {
  const instants = [lane.setAsideUntil ?? '', lane.nextTokenAt ?? '']
  const counts = [lane.failures, lane.waiting, lane.due, lane.active].map(String)
  return [lane.queue, lane.flowKey, lane.isSetAside ? 'aside' : lane.failures > 0 ? 'failing' : 'limited', ...instants, ...counts]
}

function laneText({isSetAside, setAsideUntil, isProbed, failures, nextTokenAt}: LaneView, now: number): string {
  if (isProbed) return 'one call finds out'
  if (isSetAside && setAsideUntil !== null && Date.parse(setAsideUntil) > now)
    return `set aside, next try ${fromNow(Date.parse(setAsideUntil), now)}`
  if (isSetAside) return 'set aside, next try now'
  if (failures > 0) return 'failing'
  return nextTokenAt === null ? 'full' : `next start ${fromNow(Date.parse(nextTokenAt), now)}`
}
