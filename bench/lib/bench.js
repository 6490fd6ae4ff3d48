// Runs measures and says what came of them. A measure is
//
//     {name, title, sizes: {full: {…}, quick: {…}}, run({…sizes, cpuProf, bullmq, say}) → rows}
//
// `bullmq` is false where BullMQ is not installed: then its figures are left out. `say` tells how it goes.
import {realpathSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'

import {loadBullmq} from './bullmq.js'
import {load, machine} from './machine.js'
import {saveResults} from './results.js'
import {rowText, verdict} from './rows.js'

const options = {
  quick: {type: 'boolean', default: false},
  rounds: {type: 'string'},
  tasks: {type: 'string'},
  'cpu-prof': {type: 'string'},
  save: {type: 'boolean', default: false},
}

/** For the end of a measure's file: runs it when that file is what was started. */
export async function runAlone(url, measure) {
  if (realpathSync(process.argv[1] ?? '.') === fileURLToPath(url)) await bench([measure], process.argv.slice(2))
}

/** Runs measures, one after the other, and prints their rows; `saves` (or `--save`): they go into results.json and the docs, too. */
export async function bench(measures, args, {saves = false} = {}) {
  const {values} = parseArgs({args, options})
  const found = {}
  for (const measure of measures) found[measure.name] = await runOne(measure, values)
  if (saves || values.save) await saveResults(machine(), found)
  const verdicts = Object.values(found).flatMap(({rows}) => rows.map(verdict))
  const count = (wanted) => verdicts.filter((word) => word === wanted).length
  console.log(`${count('pass')} within their bound, ${count('near')} near it, ${count('miss')} beyond it`)
}

async function runOne({name, title, sizes, run}, {quick, rounds, tasks, 'cpu-prof': cpuProf}) {
  const given = {...(rounds && {rounds: Number(rounds)}), ...(tasks && {tasks: Number(tasks)})}
  const size = {...(quick ? sizes.quick : sizes.full), ...given}
  const about = {at: new Date().toISOString(), load: load(), quick, size}
  const began = performance.now()
  const say = (line) => process.stderr.write(`  ${line}\n`)
  console.log(`${title} (${name}): ${sizeText(size)}`)
  const bullmq = (await loadBullmq()) !== null
  if (!bullmq) say('BullMQ is not installed here: run `npm ci` in bench')
  const rows = await run({...size, cpuProf, bullmq, say})
  for (const row of rows) console.log(rowText(row))
  console.log(`  (${Math.round((performance.now() - began) / 1000)} s)\n`)
  return {title, ...about, rows}
}

function sizeText(size) {
  return Object.entries(size)
    .map(([name, value]) => `${value.toLocaleString('en-GB')} ${name}`)
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
