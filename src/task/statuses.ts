/** A status that may be listed, or a hundred of them: a 2xx is a success always, and a 1xx no answer. */
const listed = /^[3-9](?:\d\d|xx)$/

/** More would be no list but a range. */
const maxListed = 64

/** A list of statuses such as `400, 401, 5xx`, or `none`, in one form: lower case, in order, each once. Undefined where it is none. */
export function parseStatuses(text: string): string | undefined {
  if (text.toLowerCase() === 'none') return ''
  const items = text.toLowerCase().split(/\s*,\s*|\s+/)
  if (items.length > maxListed || !items.every((item) => listed.test(item))) return undefined
  return [...new Set(items)].toSorted().join(',')
}

/** Whether a status is in such a list. */
export function hasStatus(list: string | undefined, status: number): boolean {
  if (!list) return false
  const items = list.split(',')
  return items.includes(String(status)) || items.includes(`${Math.floor(status / 100)}xx`)
}
