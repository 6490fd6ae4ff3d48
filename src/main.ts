import './cli/terminal/guard-streams.js'
import {execute} from '@oclif/core/execute'
import type {Hook} from '@oclif/core/hooks'
import type {Manifest, PJSON} from '@oclif/core/interfaces'
import {settings} from '@oclif/core/settings'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

import {hideSecrets} from './cli/hide-secrets.js'
import {torquePlugin} from './cli/torque-plugin.js'

/** Each is loaded when it is asked for. */
const commands = {
  add: () => import('./commands/add.js'),
  backoff: () => import('./commands/backoff.js'),
  check: () => import('./commands/check.js'),
  complete: () => import('./commands/complete.js'),
  completion: () => import('./commands/completion.js'),
  config: () => import('./commands/config.js'),
  doctor: () => import('./commands/doctor.js'),
  errors: () => import('./commands/errors.js'),
  export: () => import('./commands/export.js'),
  help: () => import('./commands/help.js'),
  import: () => import('./commands/import.js'),
  lanes: () => import('./commands/lanes.js'),
  'lanes:reset': () => import('./commands/lanes/reset.js'),
  list: () => import('./commands/list.js'),
  listen: () => import('./commands/listen.js'),
  pause: () => import('./commands/pause.js'),
  purge: () => import('./commands/purge.js'),
  queues: () => import('./commands/queues.js'),
  'queues:set': () => import('./commands/queues/set.js'),
  'redis:install': () => import('./commands/redis/install.js'),
  'redis:status': () => import('./commands/redis/status.js'),
  resume: () => import('./commands/resume.js'),
  retry: () => import('./commands/retry.js'),
  'schedule:add': () => import('./commands/schedule/add.js'),
  'schedule:list': () => import('./commands/schedule/list.js'),
  'schedule:next': () => import('./commands/schedule/next.js'),
  'schedule:pause': () => import('./commands/schedule/pause.js'),
  'schedule:remove': () => import('./commands/schedule/remove.js'),
  'schedule:resume': () => import('./commands/schedule/resume.js'),
  serve: () => import('./commands/serve.js'),
  show: () => import('./commands/show.js'),
  stats: () => import('./commands/stats.js'),
  tail: () => import('./commands/tail.js'),
  verify: () => import('./commands/verify.js'),
  wait: () => import('./commands/wait.js'),
  why: () => import('./commands/why.js'),
}

/**
 * Runs the command line of this process, to its end. `root` is the directory of the package; what the commands take is in a
 * manifest there, so that they need not be loaded to know it.
 */
export async function main(root: string, manifest = read(root, 'oclif.manifest.json') as Manifest): Promise<void> {
  hideSecrets(process)
  // Off the beaten track (NODE_ENV=test) oclif would compile sources, if it found some.
  settings.enableAutoTranspile = false
  const pjson = read(root, 'package.json') as PJSON
  const plugin = torquePlugin({root, pjson, manifest, commands, hookFile: fileURLToPath(import.meta.url)})
  process.once('beforeExit', endsTooEarly)
  await execute({loadOptions: {root, pjson, plugins: new Map([[plugin.name, plugin]])}})
  process.off('beforeExit', endsTooEarly)
}

/** With nothing left to wait for, Node would end a command in the middle, and with exit code 0. */
function endsTooEarly(): void {
  process.stderr.write('Error: the command has come to a halt before its end. This is a bug in torque.\n')
  process.exitCode = 1
}

/** What oclif calls, by this name, for words that are no command. */
export const commandNotFound: Hook<'command_not_found'> = async function (options) {
  const {default: hook} = await import('./cli/hooks/command-not-found.js')
  return hook.call(this, options)
}

function read(root: string, name: string): unknown {
  return JSON.parse(readFileSync(join(root, name), 'utf8'))
}
