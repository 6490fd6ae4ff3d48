/** Waits for all of them, also when one fails, and throws what the first that failed threw: nothing goes on unseen. */
export async function allDone(tasks: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(tasks)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}
