import {stripVTControlCharacters} from 'node:util'

import {type ErrorCode, TorqueError} from '../errors.js'
import type {Output} from './output.js'
import {escapeJson, escapeLines} from '../escape.js'

interface ErrorReport {
  code: ErrorCode
  message: string
  hint?: string
  field?: string
  id?: string
  exitCode: number
}

/** Says on stderr what went wrong, as text or as one JSON document, and answers with the exit code. */
export async function reportError(error: unknown, output: Output, {json}: {json: boolean}): Promise<number> {
  const {exitCode, ...report} = describeError(error)
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
export function describeError(error: unknown): ErrorReport {
  if (error instanceof TorqueError) return {...error.toJSON().error, exitCode: error.exitCode}
  if (isUsageError(error)) return usageReport(error)
  return bugReport(error)
}

type UsageError = Error & {oclif: {exit?: number | false}}

function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && 'oclif' in error
}

const usageHint = 'See more help with --help'

function usageReport(error: UsageError): ErrorReport {
  const message = tidy(error.message)
  return {code: 'usage', message, hint: `${usageHint}.`, exitCode: error.oclif.exit || 2}
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
