import {string} from '@oclif/core/flags'

import {ResultCommand} from '../cli/base-command.js'
import type {SignatureAnswer} from '../cli/signature/explain-signature.js'
import {TorqueError} from '../errors.js'

export default class Verify extends ResultCommand {
  static override summary = 'Check the signature of a received hook, and say why it fails.'

  static override description =
    'Takes the headers and the body as they were received, and judges them as a receiver does (Standard Webhooks, v1). Exit 0: the ' +
    'signature is good; 4: it is not, and what is wrong is said, such as a body that was changed on its way. Off a terminal the result ' +
    'is a line with TABs between: id, timestamp, which of the secrets it is signed with.'

  static override examples = [
    {
      description: 'The example of the standard, as of its time',
      command:
        `<%= config.bin %> <%= command.id %> --secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw --at 1614265330 ` +
        `--body '{"test": 2432232314}' --header 'webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek' --header 'webhook-timestamp: 1614265330' ` +
        `--header 'webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='`,
    },
  ]

  static override flags = {
    secret: string({
      description: 'Secret, or several with blanks between. [env: TORQUE_SIGNING_SECRET]',
      helpValue: 'SECRET',
      exclusive: ['secret-file'],
    }),
    'secret-file': string({description: 'File that holds them.', helpValue: 'FILE'}),
    header: string({
      description: 'A header as it was received; repeatable.',
      helpValue: "'NAME: VALUE'",
      multiple: true,
      multipleNonGreedy: true,
    }),
    body: string({description: 'The body as it was received.', helpValue: 'TEXT'}),
    'body-file': string({
      description: 'File that holds the body, to the byte; - is the standard input.',
      helpValue: 'FILE|-',
      exclusive: ['body'],
    }),
    tolerance: string({description: 'How far the timestamp may be off.', default: '5m', helpValue: 'DURATION'}),
    at: string({description: 'Judge the timestamp as of this instant. [default: now]', helpValue: 'INSTANT'}),
  }

  async run(): Promise<SignatureAnswer> {
    const {flags} = await this.parse(Verify)
    const [{explainSignature}, {readQuestion}] = await Promise.all([
      import('../cli/signature/explain-signature.js'),
      import('../cli/signature/signature-question.js'),
    ])
    const answer = explainSignature(readQuestion(flags, process.env))
    const [first = '', ...more] = answer.problems
    if (!answer.valid && !this.jsonEnabled()) throw new TorqueError('invalid_signature', [first, ...more].join('; '))
    if (!answer.valid) this.exitWith(4)
    else if (!this.jsonEnabled()) await this.#print(answer)
    return answer
  }

  async #print({id, timestamp, secret}: SignatureAnswer): Promise<void> {
    const sentAt = new Date(Number(timestamp) * 1000).toISOString()
    if (this.output.terminal) return this.output.line(`good: ${id}, sent ${sentAt}, signed with secret ${secret}`)
    await this.output.rows([], [[String(id), String(timestamp), String(secret)]])
  }
}
