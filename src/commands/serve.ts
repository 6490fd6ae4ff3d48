import {BaseCommand} from '../cli/base-command.js'
import type {SecretFlags} from '../cli/serve/serve-access.js'
import {serveFlags} from '../cli/serve/serve-flags.js'
import {untilSignal} from '../cli/terminal/until-signal.js'
import type {ServeAddress} from '../serve/service.js'
import type {SupervisorOptions} from '../serve/supervisor.js'

export default class Serve extends BaseCommand {
  static override summary = 'Take tasks over HTTP and call their hooks.'

  static override description =
    'Listens for tasks and delivers them, until SIGINT or SIGTERM: then it lets running calls finish and exits 0. ' +
    'With no Redis named it starts a private one of its own and keeps its data.'

  static override examples = [
    {description: 'Everything on this machine, on http://127.0.0.1:8090', command: '<%= config.bin %> <%= command.id %>'},
    {
      description: 'Another port, relative urls, five errors at most',
      command: '<%= config.bin %> <%= command.id %> -p 8081 --base-task-url http://mywebservice.com --max-task-errors 5',
    },
    {
      description: 'Deliver what is due and stop, from cron',
      command: '<%= config.bin %> <%= command.id %> --drain --no-http --redis redis://127.0.0.1:6379',
    },
  ]

  // It prints nothing on stdout: a --json document would have no end.
  static override enableJsonFlag = false

  static override flags = serveFlags

  async run(): Promise<void> {
    const {holdYoungHeap} = await import('../serve/young-heap.js')
    holdYoungHeap()
    // What it is to be is told by the process that has read the flags.
    if (process.connected && this.argv.includes('--worker')) return (await import('../serve/worker.js')).runWorker()
    const {flags} = await this.parseWithFiles(Serve)
    const {createLogger} = await import('../log.js')
    const {serveOptions} = await import('../cli/serve/serve-options.js')
    const {logLevel, ...options} = serveOptions(flags, {env: process.env, setting: (name, flag) => this.setting(name, flag)})
    const workerLog = {level: logLevel, pretty: isPretty(flags['log-format']), color: this.output.errorColor}
    const log = await createLogger(workerLog)
    const {workers, drain} = flags
    await this.#serve({serve: {...options, version: this.config.version}, workers, drain, log, workerLog}, flags)
  }

  async #serve(options: SupervisorOptions, flags: SecretFlags): Promise<void> {
    const {drain, log} = options
    const {openServer} = await import('../serve/open-server.js')
    const server = await openServer(options)
    const {renewAtHangup} = await import('../cli/serve/renew-at-hangup.js')
    renewAtHangup(flags, {env: process.env, renew: (secrets) => server.renew(secrets), log})
    const signal = untilSignal(() => server.giveUp())
    const address = await Promise.race([server.start(), signal.then(() => undefined)])
    if (address) await this.#greet(address, options)
    const {tellSystemd} = await import('../cli/serve/systemd.js')
    const systemd = address && tellSystemd({env: process.env, pid: process.pid, isAlive: () => server.isAlive, log})
    const reason = await Promise.race([signal, ...(drain ? [server.drained().then(() => 'drained')] : [])])
    log.info({reason}, 'torque stops')
    systemd?.stopping()
    await server.stop()
    systemd?.close()
    log.info({}, 'torque has stopped')
  }

  async #greet(address: ServeAddress, {serve: {version}, workers, log, workerLog}: SupervisorOptions): Promise<void> {
    log.info({...address, pid: process.pid, version, ...(workers > 1 && {workers})}, 'torque is ready')
    if (!process.stderr.isTTY || !workerLog.pretty || workerLog.level === 'silent') return
    const {serveBanner} = await import('../cli/serve/serve-banner.js')
    this.output.note(serveBanner({version, ...address, workers}))
  }
}

function isPretty(format: string): boolean {
  return format === 'pretty' || (format === 'auto' && process.stderr.isTTY)
}
