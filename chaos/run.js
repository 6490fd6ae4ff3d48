// `npm run chaos`: torque under faults that a seed decides, and a checker that compares what was acknowledged with what arrived
// and with what torque says. Exit 1 when a task was lost, or called when it must not be. `--help` says what it takes.
import {build, engine} from '../scripts/set-up.js'
import {printReport} from './lib/report.js'
import {readOptions, usage} from './lib/options.js'

const say = (text) => console.error(text)

try {
  await main(readOptions(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof Error)) throw error
  say(error.stack)
  process.exitCode ??= 2
}

async function main(options) {
  if (options.help) return console.log(usage)
  await build({say})
  const program = options.program ?? (await engine({say})).path
  const {run} = await import('./lib/run.js')
  for (let round = 0; round < options.rounds; round++) {
    const seed = options.seed + round
    say(`seed ${seed}: ${options.scale} tasks`)
    const outcome = await run({...options, seed, program})
    printReport(outcome.result, {...outcome.records, ...outcome})
    if (outcome.dir === undefined) continue
    console.log(`kept        ${outcome.dir}\n`)
    if (outcome.result.problems.length > 0) process.exitCode = 1
  }
}
