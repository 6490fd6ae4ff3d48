import {boolean, integer, string} from '@oclif/core/flags'

import {BaseCommand} from '../cli/base-command.js'
import {callCells, callDocument, describeCall} from '../cli/listen/print-call.js'
import {type ReceivedCall, Receiver} from '../cli/listen/receiver.js'
import {untilSignal} from '../cli/terminal/until-signal.js'
import {verify} from '../client/verify.js'
import {parseDuration} from '../task/duration.js'
import {readSecrets} from '../task/secrets.js'

export default class Listen extends BaseCommand {
  static override summary = 'Receive hooks and print them: a target for trying things out.'

  static override description =
    'Takes any call and answers 200, or as told to. Off a terminal each call is a line with TABs between: time, method, path, ' +
    'status answered, task id, attempt, queue, signature (ok, bad or nothing), body. Ctrl-C ends it.'

  static override examples = [
    {description: 'Receive on http://127.0.0.1:8091', command: '<%= config.bin %> <%= command.id %>'},
    {description: 'Fail the first two calls of each task', command: '<%= config.bin %> <%= command.id %> --fail 2'},
    {description: 'A slow target that is down', command: '<%= config.bin %> <%= command.id %> --status 503 --delay 2s'},
    {
      description: 'Check signatures',
      command: '<%= config.bin %> <%= command.id %> --verify whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    },
  ]

  static override flags = {
    port: integer({
      char: 'p',
      helpValue: 'PORT',
      description: 'Port to listen on; 0 for any free one.',
      min: 0,
      max: 65_535,
      default: 8091,
    }),
    host: string({description: 'Address to listen on.', default: '127.0.0.1', helpValue: 'ADDRESS'}),
    status: integer({helpValue: 'CODE', description: 'Status to answer with, 200 to 599.', min: 200, max: 599, default: 200}),
    fail: integer({description: 'Answer 500 to the first N calls of each task.', min: 0, default: 0, helpValue: 'N'}),
    delay: string({description: 'Wait before each answer.', default: '0', helpValue: 'DURATION'}),
    verify: string({description: 'Check signatures; answer 401 to calls without a good one.', helpValue: 'SECRET'}),
    // It streams: this takes the place of --json.
    ndjson: boolean({description: 'Print a JSON document per call.', default: false}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Listen)
    const {port, host, status, fail, ndjson} = flags
    const delayMs = parseDuration(flags.delay, {field: 'delay'})
    const receiver = new Receiver({
      port,
      host,
      status,
      fail,
      delayMs,
      verify: verifier(flags.verify),
      onCall: await this.printer(ndjson),
    })
    const url = await receiver.start()
    const ended = untilSignal()
    this.output.note(`Receiving on ${url} (Ctrl-C ends it)`)
    const signal = await ended
    await receiver.stop()
    this.exitWith(signal === 'SIGINT' ? 130 : 143)
  }

  private async printer(ndjson: boolean): Promise<(call: ReceivedCall) => Promise<void>> {
    const styles = await this.output.styles()
    if (ndjson) return (call) => this.output.ndjson([callDocument(call)])
    if (this.output.terminal) return (call) => this.output.write(describeCall(call, styles))
    return (call) => this.output.rows([], [callCells(call)])
  }
}

/** Secrets are checked now, not at the first call. */
function verifier(secret: string | undefined) {
  if (secret === undefined) return undefined
  readSecrets(secret)
  return (body: Buffer, headers: Record<string, string | string[] | undefined>) => void verify(body, headers, secret)
}
