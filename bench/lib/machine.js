import {execFileSync} from 'node:child_process'
import {cpus, loadavg} from 'node:os'

/** What a figure depends on beside the code. */
export function machine() {
  const [{model} = {model: 'unknown'}] = cpus()
  return {cores: cpus().length, cpu: model.trim(), node: process.versions.node, redis: redisVersion(), platform: process.platform}
}

/** `2 cores (AMD EPYC), Node 20.20.2, Redis 7.0.15` */
export function machineText({cores, cpu, node, redis}) {
  return `${cores} cores (${cpu}), Node ${node}, Redis ${redis}`
}

/** The load average of the last minute, rounded. */
export function load() {
  return Math.round(loadavg()[0] * 100) / 100
}

function redisVersion() {
  const said = execFileSync(process.env.BENCH_REDIS_SERVER ?? 'redis-server', ['--version'], {encoding: 'utf8'})
  return /v=(\S+)/.exec(said)?.[1] ?? said.trim()
}
