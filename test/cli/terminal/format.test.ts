import {describe, expect, it} from 'vitest'

import {count, fromNow} from '../../../src/cli/terminal/format.js'

describe('fromNow', () => {
  it.each([
    [0, 'now'],
    [999, 'now'],
    [8000, 'in 8s'],
    [-119_000, '119s ago'],
    [-180_000, '3m ago'],
    [7_200_000, 'in 2h'],
    [-30 * 86_400_000, '30d ago'],
  ])('says of %d ms: %s', (distance, text) => {
    expect(fromNow(1_000_000_000_000 + distance, 1_000_000_000_000)).toBe(text)
  })
})

describe('count', () => {
  it('knows one from many', () => {
    expect([count(0, 'task'), count(1, 'task'), count(2, 'task')]).toEqual(['0 tasks', '1 task', '2 tasks'])
  })
})
