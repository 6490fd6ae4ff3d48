// Runs measures and says what came of them. A measure is
//
//     {name, title, about, sizes: {full: {…}, quick: {…}}, run({…sizes, cpuProf, bullmq, say}) → rows}
//
// `about` says in the docs what is measured. It may have a `note(rows)`, a paragraph below its table there, and a `page` and a
// `table(rows)` of its own.
// `bullmq` is false where BullMQ is not installed, or not wanted: then its figures are left out. `say` tells how it goes.
import {realpathSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'

import {loadBullmq} from './bullmq.js'
import {endAll, exitOnSignals} from './children.js'
import {load, machine, machineText} from './machine.js'
import {saveResults} from './results.js'
import {rowText, verdict} from './rows.js'

const options = {
  quick: {type: 'boolean', default: false},
  rounds: {type: 'string'},
  tasks: {type: 'string'},
  'cpu-prof': {type: 'string'},
  bullmq: {type: 'boolean', default: true},
  save: {type: 'boolean'},
}

/** For the end of a measure's file: runs it when that file is what was started. */
export async function runAlone(url, measure) {
  if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(url)) await bench([measure], process.argv.slice(2))
}

/** Runs the measures that the arguments name, or all, one after the other, prints their rows, and saves them where that is wanted. */
export async function bench(measures, args) {
  exitOnSignals()
  const {values, positionals} = parseArgs({args, options, allowPositionals: true, allowNegative: true})
  const chosen = positionals.length === 0 ? measures : positionals.map((name) => named(measures, name))
  const saves = values.save ?? isWhole(chosen, values)
  console.log(`${machineText(machine())}, load average ${load()}\n`)
  const found = []
  for (const measure of chosen) {
    const result = await attempt(measure, values)
    if (!result) continue
    found.push(result)
    if (saves) await save(measure, result)
  }
  report(found)
}

/** What one measure cannot tell, others can: its error is told, and fails the run in the end. */
async function attempt(measure, values) {
  try {
    return await runOne(measure, values)
  } catch (error) {
    process.exitCode = 1
    console.error(error)
    endAll()
    return null
  }
}

async function save({name}, result) {
  saveResults(machine(), {[name]: result})
  // Only now: it knows all measures, and each of them this file.
  const {writeDocs} = await import('./docs.js')
  writeDocs()
}

function report(found) {
  const verdicts = found.flatMap(({rows}) => rows.map(verdict))
  const count = (wanted) => verdicts.filter((word) => word === wanted).length
  console.log(`${count('pass')} within their bound, ${count('near')} near it, ${count('miss')} beyond it`)
}

function named(measures, wanted) {
  const measure = measures.find(({name}) => name === wanted)
  if (!measure) throw new Error(`there is no ${JSON.stringify(wanted)}: ${measures.map(({name}) => name).join(', ')}`)
  return measure
}

/** One measure, or a smaller size, would leave a docs page that says less than it seems to. */
function isWhole(chosen, {quick, rounds, tasks, 'cpu-prof': cpuProf}) {
  return chosen.length > 1 && !quick && !rounds && !tasks && !cpuProf
}

async function runOne({name, title, sizes, run, table}, values) {
  const {quick, rounds, tasks, 'cpu-prof': cpuProf} = values
  const given = {...(rounds && {rounds: Number(rounds)}), ...(tasks && {tasks: Number(tasks)})}
  const size = {...(quick ? sizes.quick : sizes.full), ...given}
  const about = {at: new Date().toISOString(), load: load(), quick, size}
  const began = performance.now()
  const say = (line) => process.stderr.write(`  ${line}\n`)
  console.log(`${title} (${name}): ${sizeText(size)}`)
  const bullmq = values.bullmq && (await loadBullmq()) !== null
  if (values.bullmq && !bullmq) say('BullMQ is not installed here: run `npm ci` in bench')
  const rows = await run({...size, cpuProf, bullmq, say})
  for (const line of table ? table(rows).map((cells) => `  ${cells.join('\t')}`) : rows.map(rowText)) console.log(line)
  console.log(`  (${Math.round((performance.now() - began) / 1000)} s)\n`)
  return {...about, rows}
}

/** `50,000 tasks, 5 rounds` */
export function sizeText(size) {
  const entries = Object.entries(size).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    value,
  ])
  return entries
    .map(([name, value]) => `${value.toLocaleString('en-GB')} ${value === 1 ? name.replace(/s$/, '') : name}`)
    .join(', ')
}

/** Runs each side once a round, first another one each time. Resolves to `{side: sample[]}`. */
export async function interleave({rounds, sides, say, tell}) {
  const names = Object.keys(sides)
  const samples = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    const turn = round % names.length
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) samples[name].push(await sides[name](round))
    say(`round ${round + 1}: ${names.map((name) => `${name} ${tell(samples[name].at(-1))}`).join(', ')}`)
  }
  return samples
}
