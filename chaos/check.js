// Checks the records of a run again:
//
//     node chaos/check.js DIRECTORY
import {check} from './lib/checker.js'
import {loadRecords} from './lib/records.js'
import {printReport} from './lib/report.js'

const [dir] = process.argv.slice(2)
if (dir === undefined) {
  console.error('usage: node chaos/check.js DIRECTORY')
  process.exit(2)
}
const records = loadRecords(dir)
const result = check(records)
printReport(result, records)
process.exitCode = result.problems.length > 0 ? 1 : 0
