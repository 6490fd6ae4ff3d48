import {describe, expect, it} from 'vitest'

import {idMaker, newId} from '../../src/task/id.js'

const noon = Date.UTC(2030, 0, 1, 12)

describe('newId', () => {
  it('has 20 characters of [0-9a-z]', () => {
    expect(newId()).toMatch(/^[0-9a-z]{20}$/)
  })

  it('begins with the time', () => {
    const id = idMaker({now: () => noon})()

    expect(parseInt(id.slice(0, 9), 36)).toBe(noon)
  })

  it('sorts by time', () => {
    let now = noon
    const make = idMaker({now: () => now++})

    const ids = Array.from({length: 1000}, make)

    expect(ids.toSorted()).toEqual(ids)
  })

  it('sorts in the order given within one millisecond, more ids than a millisecond has numbers for', () => {
    const make = idMaker({now: () => noon})

    const ids = Array.from({length: 100_000}, make)

    expect(ids.toSorted()).toEqual(ids)
  })

  it('keeps the order when the clock goes back', () => {
    const times = [noon, noon - 60_000, noon - 59_999, noon + 1]
    const make = idMaker({now: () => times.shift()!})

    const ids = Array.from({length: 4}, make)

    expect(ids.toSorted()).toEqual(ids)
  })

  it('never repeats among sources that started at the same instant', () => {
    const ids = Array.from({length: 10_000}, () => idMaker({now: () => noon})())

    expect(new Set(ids)).toHaveLength(10_000)
  })
})
