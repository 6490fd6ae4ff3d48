#!/usr/bin/env node
// npm run fuzz [-- --rounds N --seed N]: random and mutated requests against the endpoint, as many as one likes, from a seed.
import {spawnSync} from 'node:child_process'
import {randomInt} from 'node:crypto'
import {parseArgs} from 'node:util'

const {values} = parseArgs({options: {rounds: {type: 'string', default: '5000'}, seed: {type: 'string'}}})
const seed = values.seed ?? String(randomInt(2 ** 31))
if (![values.rounds, seed].every((text) => /^\d{1,10}$/.test(text))) {
  console.error('fuzz: --rounds and --seed are whole numbers')
  process.exit(2)
}
console.log(`fuzz: ${values.rounds} rounds of each property from seed ${seed}`)
const env = {...process.env, FUZZ_ROUNDS: values.rounds, FUZZ_SEED: seed}
const {status} = spawnSync('npx', ['vitest', 'run', 'test/fuzz'], {env, stdio: 'inherit'})
process.exit(status ?? 1)
