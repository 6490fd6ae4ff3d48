/** Breaks what torque promises, behind its back, to see that the checker finds out. Each is called again until it says that it is done. */
export const sabotage = {
  /** A task that was acknowledged is gone. */
  async 'lose-task'({client, keys, acknowledged}) {
    const ids = new Set(acknowledged.map(({id}) => id))
    for (const lane of await client.zrange(keys.lanes, 0, -1)) {
      const id = (await client.zrange(keys.lane(lane), 0, -1)).find((member) => ids.has(member))
      if (id === undefined) continue
      const [[, removed]] = await client.multi().zrem(keys.lane(lane), id).hdel(keys.tasks, id).exec()
      // Else it has just been claimed.
      if (removed === 1) return true
    }
    return false
  },

  /** Leases end all the time while their calls run, so that others call the same tasks at the same time. */
  async 'break-leases'({client, keys}) {
    const members = await client.zrange(keys.active, 0, -1)
    if (members.length > 0) await client.zadd(keys.active, 'XX', ...members.flatMap((member) => [0, member]))
    // They are extended again.
    return false
  },

  /** A delivery is forgotten: the task waits again. */
  async 'forget-delivery'({client, keys, settled}) {
    const [{id} = {}] = settled
    if (id === undefined) return false
    await client.multi().zrem(keys.delivered, id).zadd(keys.lane('sabotage'), 0, id).zadd(keys.lanes, 0, 'sabotage').exec()
    return true
  },
}
