import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

const lists = ['acknowledged', 'abandoned', 'calls', 'states', 'settled', 'faults']

/** Keeps the records of a run in a directory, a line of JSON each, as `check.js` reads them. */
export function saveRecords(dir, records) {
  for (const name of lists)
    writeFileSync(join(dir, `${name}.ndjson`), records[name].map((each) => `${JSON.stringify(each)}\n`).join(''))
  const {concurrency, addedTotal, forgets, forgetsTasks} = records
  writeFileSync(join(dir, 'run.json'), JSON.stringify({concurrency, addedTotal, forgets, forgetsTasks}))
}

export function loadRecords(dir) {
  const read = (name) => readFileSync(join(dir, name), 'utf8')
  const lines = (name) =>
    read(`${name}.ndjson`)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  return {...JSON.parse(read('run.json')), ...Object.fromEntries(lists.map((name) => [name, lines(name)]))}
}
