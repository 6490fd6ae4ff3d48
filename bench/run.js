// All measures, or those that are named. What a full run of all finds goes into results.json and the docs; of others with --save.
//
//     node run.js [NAME…] [--quick] [--rounds N] [--tasks N] [--cpu-prof DIR] [--no-bullmq] [--save | --no-save]
import {bench} from './lib/bench.js'
import {measures} from './measures.js'

await bench(measures, process.argv.slice(2))
