import {describe, expect, it} from 'vitest'

import {AddBatchers} from '../../src/queue/add-batchers.js'
import {openTestStore} from '../support/open-store.js'
import {aTask} from '../support/tasks.js'

describe('AddBatchers', () => {
  it('adds to each queue its own, and answers in order', async () => {
    const {store, inspector} = await openTestStore({profile: 'endpoint'})
    const sent: string[] = []
    const adds = new AddBatchers(store, {onSent: (queue) => sent.push(queue)})
    const [one, two, other] = [aTask(), aTask(), aTask({queue: 'mails'})]

    const answers = await Promise.all([adds.add('default', [one, two]), adds.add('mails', [other]), adds.add('default', [])])

    expect(answers).toMatchObject([[{id: one.id}, {id: two.id}], [{id: other.id, queue: 'mails'}], []])
    expect((await inspector.find([one.id, two.id, other.id])).map(({queue}) => queue)).toEqual(['default', 'default', 'mails'])
    await expect.poll(() => sent.toSorted()).toEqual(['default', 'mails'])
  })
})
