// Nothing that was started outlives the run, however it ends.
const ends = new Set()

process.on('exit', endAll)

/** Ends at once whatever has been started and not been stopped. */
export function endAll() {
  for (const end of ends) end()
}
/** A signal ends the run as an error would. */
export function exitOnSignals() {
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
}

/** Has `end()` called when this process exits; it must not wait for anything. Returns what forgets it again. */
export function atExit(end) {
  ends.add(end)
  return () => ends.delete(end)
}

/** Kills a child when this process exits, unless it has ended by then. */
export function endWithUs(child) {
  child.once(
    'exit',
    atExit(() => child.kill('SIGKILL')),
  )
}
