import {describe, expect, it} from 'vitest'

import {parseQueueName} from '../../src/task/queue-name.js'

describe('parseQueueName', () => {
  it('takes a name as it is', () => {
    expect(parseQueueName('mail-2_x')).toBe('mail-2_x')
  })

  it.each(['', ' ', 'A', '-a', 'a b', 'a\n', '{a}'])('refuses %j', (name) => {
    expect(() => parseQueueName(name)).toThrowError(expect.objectContaining({code: 'invalid_queue', field: 'queue'}))
  })
})
