// As `drain`, with a Redis that has every write on disk before it answers (`appendfsync always`).
import {runAlone} from './lib/bench.js'
import {drainRounds, drainRows} from './drain.js'

export const drainAlways = {
  name: 'drain-always',
  title: 'A backlog is drained, every write synced',
  about: 'The same with `appendfsync always`: Redis answers when every write is on disk.',
  sizes: {full: {tasks: 50_000, rounds: 3}, quick: {tasks: 6_000, rounds: 1}},
  async run(options) {
    const {samples} = await drainRounds({...options, fsync: 'always'})
    return drainRows(samples, {atLeast: 0.75})
  },
}

void runAlone(import.meta.url, drainAlways)
