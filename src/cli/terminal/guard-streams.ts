let outlives = false
let isGone = false

/** From now on the command does its work to the end, whether or not anybody reads what it prints. */
export function outliveReader(): void {
  outlives = true
}

/** True where nobody reads what is printed any more. */
export function readerIsGone(): boolean {
  return isGone
}

/**
 * What happens when nobody can take our output any more. Imported before oclif, whose own listener swallows a closed pipe
 * and runs on, and turns a full disk into a crash.
 */
function guard(stream: NodeJS.WriteStream): void {
  stream.prependListener('error', (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`torque list | head`) is no failure.
    if (error.code === 'EPIPE' && !outlives) process.exit(process.exitCode ?? 0)
    if (error.code === 'EPIPE') {
      isGone ||= stream === process.stdout
      return
    }
    if (stream === process.stdout) complain(`cannot write to the standard output: ${error.message}`)
    process.exit(1)
  })
}

function complain(message: string): void {
  const wantsJson = process.argv.includes('--json')
  const text = wantsJson ? JSON.stringify({error: {code: 'failed', message}}) : `Error: ${message}`
  process.stderr.write(`${text}\n`)
}

guard(process.stdout)
guard(process.stderr)
