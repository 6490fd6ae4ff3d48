import {setFlagsFromString} from 'node:v8'

/**
 * Loading a program makes V8 double the space it keeps for young objects, some times over, and at rest it never gives that back: a
 * tenth of what would be resident. So it is held while a serve starts, and grows again as soon as there is work that asks for it.
 */
export function holdYoungHeap(): void {
  grow(1)
}

export function releaseYoungHeap(): void {
  grow(2)
}

/** By what factor it grows; 2 is V8's own. Engines newer than those that were tried may not know it, and say so on stderr. */
function grow(factor: 1 | 2): void {
  if (parseInt(process.versions.v8) <= 13) setFlagsFromString(`--semi-space-growth-factor=${factor}`)
}
