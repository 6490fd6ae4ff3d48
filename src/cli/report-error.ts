import {stripVTControlCharacters} from 'node:util'

import {type ErrorCode, TorqueError} from '../errors.js'
import {suggest} from '../suggest.js'
import type {Output} from './terminal/output.js'
import {escapeJson, escapeLines} from '../escape.js'

interface ErrorReport {
  code: ErrorCode
  message: string
  hint?: string
  field?: string
  id?: string
  exitCode: number
}

/** Says on stderr what went wrong, as text or as one JSON document, and answers with the exit code. `flags`: those that there are. */
export async function reportError(
  error: unknown,
  output: Output,
  {json, flags = []}: {json: boolean; flags?: readonly string[]},
): Promise<number> {
  const {exitCode, ...report} = describeError(error, flags)
  if (json) {
    process.stderr.write(`${escapeJson(JSON.stringify({error: report}))}\n`)
    return exitCode
  }
  const {red, dim} = await output.errorStyles()
  const hint = report.hint ? `\n${dim(escapeLines(report.hint))}` : ''
  process.stderr.write(`${red('Error:')} ${escapeLines(report.message)}${hint}\n`)
  return exitCode
}

/** Every way to fail in one shape: our own errors, a command line oclif could not read, and bugs. */
export function describeError(error: unknown, flags: readonly string[] = []): ErrorReport {
  if (error instanceof TorqueError) return {...error.toJSON().error, exitCode: error.exitCode}
  if (isUsageError(error)) return usageReport(error, flags)
  return bugReport(error)
}

type UsageError = Error & {oclif: {exit?: number | false}}

function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && 'oclif' in error
}

const usageHint = 'See more help with --help'

function usageReport(error: UsageError, flags: readonly string[]): ErrorReport {
  const message = tidy(error.message)
  const meant = meantBy(message, flags)
  const hint = `${meant === undefined ? '' : `Did you mean ${meant}? `}${usageHint}.`
  return {code: 'usage', message, hint, exitCode: error.oclif.exit || 2}
}

/** What oclif has no such flag or value for; its errors tell it in their messages only. */
function meantBy(message: string, flags: readonly string[]): string | undefined {
  const [, flag] = /^Nonexistent flag: --([^,]+)$/.exec(message) ?? []
  if (flag !== undefined) {
    const meant = suggest(flag, flags)
    return meant && `--${meant}`
  }
  const [, value = '', choices] = /^Expected (?:--[\w-]+=)?(.*) to be one of: (.+)$/.exec(message) ?? []
  return choices === undefined ? undefined : suggest(value, choices.split(', '))
}

function bugReport(error: unknown): ErrorReport {
  const message = error instanceof Error ? error.message || error.name : String(error)
  const stack = process.env['DEBUG'] && error instanceof Error ? error.stack : undefined
  return {code: 'internal', message, hint: stack ?? 'This is a bug in torque. With DEBUG=1 it shows where.', exitCode: 1}
}

/** oclif dims parts of its messages, breaks them into lines, and ends them with the hint. */
function tidy(message: string): string {
  return stripVTControlCharacters(message)
    .replace(`\n${usageHint}`, '')
    .replace(/^The following errors? occurred:\s+/, '')
    .replace(/^Parsing (--?[\w-]+)\s+/, '$1: ')
    .replace(/^(--[\w-]+)=true cannot/, '$1 cannot')
    .replace(/\s*\n\s*/g, ' ')
}
