import type {OutcomeNote} from '../../queue/outcome-channel.js'
import type {Store} from '../../queue/store.js'

/** What is held for a reader that is slower than the outcomes come; more is dropped, the oldest first. */
const mostHeld = 100_000

/** What attempts come to, as it is told, until `signal` aborts. */
export async function* hearOutcomes(store: Store, signal: AbortSignal): AsyncGenerator<OutcomeNote[]> {
  let held: OutcomeNote[] = []
  let wake = () => {}
  const wakeUp = () => wake()
  const subscription = await store.onOutcomes((notes) => {
    held = held.concat(notes).slice(-mostHeld)
    wake()
  })
  signal.addEventListener('abort', wakeUp)
  try {
    while (!signal.aborted) {
      const notes = held
      held = []
      if (notes.length > 0) yield notes
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    signal.removeEventListener('abort', wakeUp)
    subscription.stop()
  }
}
