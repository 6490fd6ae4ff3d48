import {createInterface} from 'node:readline'

/** Whether there is a person to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Asks on stderr, so that stdout stays for data. Anything but y or yes is a no; so is the end of the input. */
export function confirm(question: string, signal: AbortSignal): Promise<'yes' | 'no' | 'interrupted'> {
  const prompt = createInterface({input: process.stdin, output: process.stderr})
  return new Promise((resolve) => {
    const interrupted = () => {
      process.stderr.write('\n')
      resolve('interrupted')
      prompt.close()
    }
    // At a prompt Ctrl-C is a key, and no signal.
    prompt.once('SIGINT', interrupted)
    signal.addEventListener('abort', interrupted, {once: true})
    prompt.once('close', () => {
      signal.removeEventListener('abort', interrupted)
      resolve('no')
    })
    prompt.question(`${question} [y/N] `, (answer) => {
      resolve(/^\s*y(es)?\s*$/i.test(answer) ? 'yes' : 'no')
      prompt.close()
    })
  })
}
