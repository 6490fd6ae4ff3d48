// All measures, or those that are named: `node run.js [NAME…] [--quick] [--rounds N] [--cpu-prof DIR] [--save]`
import {drain} from './drain.js'
import {bench} from './lib/bench.js'

const measures = [drain]
const names = process.argv.slice(2).filter((arg) => measures.some(({name}) => name === arg))
const args = process.argv.slice(2).filter((arg) => !names.includes(arg))
await bench(names.length === 0 ? measures : measures.filter(({name}) => names.includes(name)), args)
