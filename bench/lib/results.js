import {readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const path = fileURLToPath(new URL('../results.json', import.meta.url))

/** What was saved last: `{machine, measures: {name: {at, load, quick, size, rows}}}`. */
export function readResults() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return {machine: null, measures: {}}
    throw error
  }
}

/** Puts new results in the place of their old ones. Those of another machine go. */
export function saveResults(machine, found) {
  const old = readResults()
  const isSame = JSON.stringify(old.machine) === JSON.stringify(machine)
  writeFileSync(path, `${JSON.stringify({machine, measures: {...(isSame && old.measures), ...found}}, rounded, 2)}\n`)
}

function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
}
