import {groupBy} from '../../group-by.js'
import type {Store} from '../../queue/store.js'
import {exportTask} from '../../task/portable-task.js'
import type {TaskRecord} from '../../task/task.js'

/** So many tasks have their dedup entries read together. */
const batchSize = 500

/** Tasks as the lines of an export, in the order given. */
export async function* exportLines(
  store: Store,
  records: AsyncIterable<TaskRecord>,
  {history}: {history: boolean},
): AsyncGenerator<object> {
  for await (const batch of inBatches(records)) {
    const fingerprints = new Map<string, ReadonlyMap<string, string>>()
    for (const [queue, some] of groupBy(batch, (record) => record.queue)) {
      fingerprints.set(
        queue,
        await store.inspector.fingerprints(
          queue,
          some.map(({task}) => task),
        ),
      )
    }
    for (const record of batch) {
      const fingerprint = fingerprints.get(record.queue)?.get(record.task.id)
      const keys = record.task.dedupKeys.filter((key) => /^[ik]:/.test(key))
      const dedup = fingerprint === undefined || keys.length === 0 ? null : {keys, fingerprint}
      yield exportTask(record, {dedup, history})
    }
  }
}

async function* inBatches(records: AsyncIterable<TaskRecord>): AsyncGenerator<TaskRecord[]> {
  let batch: TaskRecord[] = []
  for await (const record of records) {
    batch.push(record)
    if (batch.length < batchSize) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
