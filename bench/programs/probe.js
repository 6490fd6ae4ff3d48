// Preloaded into every measured program: on SIGUSR2 it says on descriptor 3 what the process has used so far. Costs nothing else.
import {writeSync} from 'node:fs'

process.on('SIGUSR2', () => {
  const {user, system} = process.cpuUsage()
  const usage = {cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss(), maxRss: process.resourceUsage().maxRSS * 1024}
  writeSync(3, `${JSON.stringify(usage)}\n`)
})
