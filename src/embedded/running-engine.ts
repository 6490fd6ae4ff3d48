import type {Control} from './control.js'

/** An engine that is up, started by this process or adopted. */
export interface RunningEngine {
  readonly pid: number
  readonly adopted: boolean
  readonly control: Control
  /** Resolves, with how it ended, once the engine is gone. */
  readonly ended: Promise<string>
  /** Ends it by force; one that was adopted, whose process may be in another container, is left to the next `serve`. */
  readonly kill: () => void
}

/** A clean end writes out at most what the last second brought; a disk may be slow, in ms. */
const shutDownMs = 20_000

/** Ends an engine with its data written out. Resolves to what went wrong, or `null`. */
export async function shutDownEngine({control, ended, kill}: RunningEngine): Promise<string | null> {
  const refusal = await control.shutDown()
  const clean = refusal === null && (await endsWithin(ended, shutDownMs))
  if (!clean) kill()
  await ended
  control.disconnect()
  return clean ? null : `the private Redis did not end cleanly: ${refusal ?? `no end within ${shutDownMs} ms`}`
}

async function endsWithin(ended: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)))
  const result = await Promise.race([ended.then(() => true), late])
  clearTimeout(timer)
  return result
}
