import {TorqueError} from '../../errors.js'
import {addFrom} from './add-from.js'
import {type AddReport, AddReporter, type AddReporterOptions} from './add-report.js'
import {outliveReader} from '../terminal/guard-streams.js'
import {Interrupt} from '../terminal/interrupt.js'
import {openInput, readLines} from '../input/read-lines.js'
import type {TaskDoor} from './task-door.js'

export interface AddFromFileOptions extends AddReporterOptions {
  door: TaskDoor
  /** For tasks that name no queue. */
  queue: string | undefined
}

/** The largest task that the endpoint takes, too. */
const longestLine = 1024 * 1024

/** Adds the tasks of a file, or of the standard input for `-`, and prints what becomes of each. Ctrl-C ends it after a batch. */
export async function addFromFile(file: string, options: AddFromFileOptions): Promise<{report: AddReport; exitCode: number}> {
  // Whoever has read enough of the results has not said to leave tasks out.
  outliveReader()
  const reporter = new AddReporter(options)
  const interrupt = new Interrupt()
  const lines = readLines(openInput(file, interrupt.signal), {maxLength: longestLine})
  try {
    await addFrom({...options, lines, signal: interrupt.signal, onResults: reporter.take})
  } catch (error) {
    // With nothing done it is the whole command that failed; else the report says what is in, and why it went no further.
    if (!(error instanceof TorqueError) || reporter.done === 0) throw reporter.abandon(error)
    reporter.stop(error)
  } finally {
    interrupt.stop()
  }
  reporter.end()
  return {report: reporter.report, exitCode: interrupt.exitCode || (reporter.report.failed > 0 ? 1 : 0)}
}
