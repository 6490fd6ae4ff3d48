import {randomBytes} from 'node:crypto'

/** JSON text that must go out as it came in: `1.0`, twenty-digit numbers and the order of keys do not survive parsing. */
export class RawJson {
  constructor(readonly text: string) {}
}

/** `JSON.stringify` for values that may hold `RawJson` anywhere. */
export function stringifyJson(value: unknown, space?: number): string {
  const raws: string[] = []
  // A name nobody can guess, so that no task's content can stand for another's.
  let mark = ''
  const text = JSON.stringify(
    value,
    (_key, item: unknown) => {
      if (!(item instanceof RawJson)) return item
      mark ||= randomBytes(12).toString('hex')
      return mark + (raws.push(item.text) - 1)
    },
    space,
  )
  return mark === ''
    ? text
    : text.replace(new RegExp(`"${mark}(\\d+)"`, 'g'), (_match, index: string) => raws[Number(index)] ?? '')
}
