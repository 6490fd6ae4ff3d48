import type {ClaimOptions} from '../queue/queue.js'

/** This part of the places is for lanes that have nothing running here: of it, hung ones hold one each at the most. */
export const reserveShare = 1 / 8
/** This part is for lanes whose targets are known to answer, and as much again for the first calls of those that are not. */
const knownShare = 1 / 4
/** Most tasks one claim takes: what their answer and their leases cost stays small. */
const claimLimit = 200
/** With many queues due, so many tasks at least are claimed from each of those whose turn it is. */
const leastShare = 20

/** What a claim is given: see `ClaimOptions`. */
export type Places = Required<Pick<ClaimOptions, 'limit' | 'free' | 'ahead' | 'strangers' | 'suspects'>>

/**
 * How many places lanes may hold whose targets are not known to answer: `strangers`, of which `suspects` are not only for the first
 * call of each.
 */
export function placesForStrangers(concurrency: number): {strangers: number; suspects: number} {
  const apart = Math.floor(concurrency * knownShare)
  return {strangers: concurrency - apart, suspects: concurrency - 2 * apart}
}

export interface Hands {
  concurrency: number
  /** How many calls run or wait for a place. */
  inHand: number
  /** How many of them are to targets that were not known to answer. */
  strangersInHand: number
  /** How many tasks may be claimed ahead of their places. */
  ahead: number
}

/** Shares out the places that are free, and those claimed ahead, among so many queues, the first to the first. */
export function shareOut({concurrency, inHand, strangersInHand, ahead}: Hands, queues: number): Places[] {
  let left = Math.max(0, concurrency - inHand + ahead)
  // What is claimed ahead is a lane's own, and comes out as half of what is free (see room in claim.lua).
  let free = left + ahead - Math.floor(concurrency * reserveShare)
  let unused = Math.max(0, concurrency - inHand)
  const {strangers, suspects} = placesForStrangers(concurrency)
  const held = strangersInHand - ahead
  // Each queue gets these in full: to those that no place was left for, a call that ends would have to be waited for.
  const forStrangers = {strangers: Math.max(0, strangers - held), suspects: Math.max(0, suspects - held)}
  const share = Math.min(claimLimit, Math.max(leastShare, Math.ceil(left / queues)))
  return Array.from({length: queues}, () => {
    const limit = Math.min(share, left)
    const places = {limit, free: Math.max(0, free), ahead: Math.max(0, limit - unused), ...forStrangers}
    left -= limit
    free -= limit
    unused = Math.max(0, unused - limit)
    return places
  })
}
