/** The origin of a normalised http(s) URL, which has no user part, and always a slash after its host unless it is an origin itself. */
export function originOf(url: string): string {
  const end = url.indexOf('/', 'https://'.length)
  return end < 0 ? url : url.slice(0, end)
}
