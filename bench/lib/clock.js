/** By how much the wall clock (ms since the epoch) is ahead of the one that all processes share, `process.hrtime` in ms. */
export function wallOffset() {
  // Date.now() tells whole ms: the moment at which it moves on tells the rest.
  const start = Date.now()
  let now = start
  while (now === start) now = Date.now()
  return now - Number(process.hrtime.bigint()) / 1e6
}
