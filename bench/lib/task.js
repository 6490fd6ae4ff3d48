// The task that everything is measured with: a URL of 38 bytes and 104 bytes of params.
import {readFileSync} from 'node:fs'

const values = {foo: 'somevalue', baz: 99, email: 'someone@example.com', note: 'a few more bytes, as a real one has.'}

/** JSON, 104 bytes. */
export const params = JSON.stringify(values)

/** What becomes of it on the wire. */
export const form = new URLSearchParams(Object.entries(values).map(([key, value]) => [key, String(value)])).toString()

const {version} = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

export const userAgent = `torque/${version}`

/** URLs of so many origins on this machine: the one of the bounds, 38 bytes with a port of five digits, or one to each of many loopback addresses. */
export function hookUrls(port, origins) {
  const host = (index) => (origins === 1 ? '127.0.0.1' : `127.1.${index >> 8}.${index & 255}`)
  return Array.from({length: origins}, (_, index) => `http://${host(index)}:${port}/hooks/do/foobar`)
}
