import {readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

import {writeDocs} from './docs.js'

const path = fileURLToPath(new URL('../results.json', import.meta.url))

/** What was saved last: `{machine, measures: {name: {title, at, load, quick, size, rows}}}`. */
export function readResults() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return {machine: null, measures: {}}
    throw error
  }
}

/** Puts new results in the place of their old ones, and writes the docs' tables anew. Those of another machine go. */
export async function saveResults(machine, found) {
  const old = readResults()
  const isSame = JSON.stringify(old.machine) === JSON.stringify(machine)
  const results = {machine, measures: {...(isSame && old.measures), ...found}}
  writeFileSync(path, `${JSON.stringify(results, rounded, 2)}\n`)
  writeDocs(results)
}

function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
}
