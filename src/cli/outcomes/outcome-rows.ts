import type {OutcomeNote} from '../../queue/outcome-channel.js'
import {formatDuration} from '../../task/duration.js'
import type {Styles} from '../terminal/color.js'
import {escapeText} from '../../escape.js'

/** What became of an attempt, as a document of `--ndjson`. */
export interface OutcomeView extends Omit<OutcomeNote, 'at'> {
  at: string
}

export function outcomeView({at, ...note}: OutcomeNote): OutcomeView {
  return {at: new Date(at).toISOString(), ...note}
}

/** The same as cells of a TAB-separated line: time, id, queue, outcome, attempt, status, error, wait and call in ms, URL. */
export function outcomeCells(note: OutcomeNote): string[] {
  const {at, id, queue, outcome, attempt, status, error, waitMs, durationMs, url} = note
  const numbers = [waitMs, durationMs].map((ms) => String(Math.round(ms)))
  return [new Date(at).toISOString(), id, queue, outcome, String(attempt), String(status ?? ''), error ?? '', ...numbers, url]
}

/** The same as a line for a person. */
export function describeOutcome(note: OutcomeNote, {cyan, dim, green, red, yellow}: Styles): string {
  const {at, id, queue, outcome, attempt, status, error, waitMs, durationMs, url} = note
  const paint = {delivered: green, retrying: yellow, dead: red}[outcome]
  const what = paint(`${outcome.padEnd(9)} ${status ?? error ?? ''}`)
  const facts = [`attempt ${attempt}`, `waited ${formatDuration(waitMs)}`, `took ${formatDuration(durationMs)}`, queue]
  return `${dim(new Date(at).toISOString().slice(11, 23))} ${what} ${cyan(escapeText(url))} ${escapeText(id)} ${dim(escapeText(facts.join(' · ')))}\n`
}
