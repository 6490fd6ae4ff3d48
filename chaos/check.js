// Checks the records of runs again:
//
//     node chaos/check.js DIRECTORY…
import {check} from './lib/checker.js'
import {loadRecords} from './lib/records.js'
import {printReport} from './lib/report.js'

const dirs = process.argv.slice(2)
if (dirs.length === 0) {
  console.error('usage: node chaos/check.js DIRECTORY…')
  process.exit(2)
}
for (const dir of dirs) {
  const records = loadRecords(dir)
  const result = check(records)
  console.log(`records     ${dir}`)
  printReport(result, records)
  if (result.problems.length > 0) process.exitCode = 1
}
