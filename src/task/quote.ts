/** What JSON leaves as it is and a terminal or a log would obey: DEL, C1 controls, invisible and bidirectional marks. */
const unseen = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A value as an error message quotes it: in double quotes, nothing in it that a terminal would obey, long ones cut. */
export function quote(value: string, maxLength = 100): string {
  const quoted = JSON.stringify(value.slice(0, maxLength)).replace(unseen, escape)
  return value.length > maxLength ? `${quoted}…` : quoted
}
