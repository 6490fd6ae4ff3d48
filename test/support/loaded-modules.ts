import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'

import {runProgram, scratchDir} from './torque.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const preload = new URL('report-modules.js', import.meta.url).href

/**
 * Has the processes of a program write down what they load: `args` are for node, `read` gives each process's files once it has
 * ended, by its pid. They are named from the checkout's directory: `node_modules/pino/pino.js`.
 */
export function moduleReport() {
  const dir = scratchDir()
  return {
    args: ['--import', preload],
    env: {REPORT_MODULES: dir},
    read: () => new Map(readdirSync(dir).map((pid) => [Number(pid), filesIn(readFileSync(join(dir, pid), 'utf8'))])),
  }
}

function filesIn(report: string): string[] {
  const base = pathToFileURL(root).href
  const urls = new Set(report.split('\n').filter((url) => url.startsWith(base) && url !== preload))
  return [...urls].map((url) => url.slice(base.length)).toSorted()
}

/** Runs a script of Node's to its end; answers with the files it loaded. */
export async function loadedModules(args: readonly string[], env: Record<string, string>): Promise<string[]> {
  const report = moduleReport()
  const {stderr} = await runProgram(process.execPath, [...report.args, ...args], {env: {...env, ...report.env}})
  const [files] = report.read().values()
  if (!files) throw new Error(`it loaded nothing: ${stderr}`)
  return files
}
