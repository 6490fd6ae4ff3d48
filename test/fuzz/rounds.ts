import type {Parameters} from 'fast-check'

/**
 * How long to go on, and from where: few rounds from a seed that stays the same in `npm test`, as many as one likes from any in
 * `npm run fuzz -- --rounds N --seed N`. A failure names the seed and the path that lead to it.
 */
export function rounds<Values>(few: number): Parameters<Values> {
  const {FUZZ_ROUNDS: count, FUZZ_SEED: seed = '20261124'} = process.env
  return {numRuns: count === undefined ? few : Number(count), seed: Number(seed), endOnFailure: count === undefined}
}

/** Room for the rounds asked for, in ms. */
export const timeLimit = process.env['FUZZ_ROUNDS'] === undefined ? 20_000 : 24 * 3_600_000
