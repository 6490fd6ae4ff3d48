import {describe, expect, it} from 'vitest'

import {bucketCount, bucketOf, percentile} from '../../src/task/histogram.js'

function histogramOf(lengths: readonly number[]): Map<number, number> {
  const histogram = new Map<number, number>()
  for (const ms of lengths) histogram.set(bucketOf(ms), (histogram.get(bucketOf(ms)) ?? 0) + 1)
  return histogram
}

describe('a histogram', () => {
  it.each([
    [-5, 0],
    [0, 0],
    [0.99, 0],
    [1, 1],
    [1.5, 2],
    [2, 3],
    [1000, 20],
    [Number.MAX_SAFE_INTEGER, bucketCount - 1],
    [Infinity, bucketCount - 1],
  ])('has %d ms in bucket %i', (ms, bucket) => {
    expect(bucketOf(ms)).toBe(bucket)
  })

  it('tells percentiles to within a bucket, which is 1.41 wide', () => {
    const histogram = histogramOf(Array.from({length: 10_000}, (_, index) => index + 1))

    for (const share of [0.5, 0.95, 0.99]) {
      const [told, exact] = [percentile(histogram, share) ?? 0, share * 10_000]
      expect(told).toBeGreaterThan(exact / Math.SQRT2)
      expect(told).toBeLessThan(exact * Math.SQRT2)
    }
  })

  it('of nothing tells nothing', () => {
    expect(percentile(new Map(), 0.5)).toBeNull()
  })
})
