/** Counts of lengths of time, by bucket: a map from the bucket's number. Counts may be weighted, and so no whole numbers. */
export type Histogram = ReadonlyMap<number, number>

/** The longest that is told apart from longer ones is 2^31.5 ms. */
export const bucketCount = 64

/** The bucket of a length in ms: 0 holds those under 1 ms, n those from 2^((n-1)/2) on. So each is 1.41 times as wide as the one before. */
export function bucketOf(ms: number): number {
  return ms < 1 ? 0 : Math.min(bucketCount - 1, 1 + Math.floor(2 * Math.log2(ms)))
}

/** Below what length, in ms, a `share` (0 to 1) of them is; interpolated in its bucket, and null where there are none. */
export function percentile(histogram: Histogram, share: number): number | null {
  const buckets = [...histogram].toSorted(([one], [other]) => one - other)
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  let left = share * total
  for (const [bucket, count] of buckets) {
    if (left <= count) return Math.round(startOf(bucket) + (left / count) * (startOf(bucket + 1) - startOf(bucket)))
    left -= count
  }
  return Math.round(startOf(bucketCount))
}

function startOf(bucket: number): number {
  return bucket === 0 ? 0 : 2 ** ((bucket - 1) / 2)
}
