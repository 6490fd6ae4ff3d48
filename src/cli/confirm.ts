import {createInterface} from 'node:readline'

/** Whether there is a person to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** Asks on stderr, so that stdout stays for data. Anything but y or yes is a no; so is the end of the input. Ctrl-C ends the process. */
export function confirm(question: string): Promise<boolean> {
  const prompt = createInterface({input: process.stdin, output: process.stderr})
  return new Promise((resolve) => {
    prompt.once('SIGINT', () => {
      process.stderr.write('\n')
      process.exit(130)
    })
    prompt.once('close', () => resolve(false))
    prompt.question(`${question} [y/N] `, (answer) => {
      resolve(/^\s*y(es)?\s*$/i.test(answer))
      prompt.close()
    })
  })
}
