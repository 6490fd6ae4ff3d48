/** Breaks what torque promises, behind its back, to see that the checker finds out. */
export const sabotage = {
  /** A task that was acknowledged is gone. */
  async 'lose-task'({client, keys}) {
    const [lane] = await client.zrange(keys.lanes, 0, 0)
    const [id] = lane === undefined ? [] : await client.zrange(keys.lane(lane), 0, 0)
    if (id === undefined) return false
    await client.multi().zrem(keys.lane(lane), id).hdel(keys.tasks, id).exec()
    return true
  },

  /** Leases end while their calls run, so that others call the same tasks at the same time. */
  async 'break-leases'({client, keys}) {
    const members = await client.zrange(keys.active, 0, -1)
    if (members.length === 0) return false
    await client.zadd(keys.active, 'XX', ...members.flatMap((member) => [0, member]))
    return true
  },

  /** A delivery is forgotten: the task waits again. */
  async 'forget-delivery'({client, keys, settled}) {
    const [{id} = {}] = settled
    if (id === undefined) return false
    await client.multi().zrem(keys.delivered, id).zadd(keys.lane('sabotage'), 0, id).zadd(keys.lanes, 0, 'sabotage').exec()
    return true
  },
}
