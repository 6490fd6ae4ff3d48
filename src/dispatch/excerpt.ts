/** How much of an answer's body is kept, in bytes. */
export const excerptBytes = 1024

/** The start of a body as text, whatever its bytes are: at most 1 KiB of UTF-8, never cut inside a character; null when empty. */
export function excerpt(body: Buffer): string | null {
  if (body.length === 0) return null
  const text = body.length < excerptBytes ? body.toString() : decodeWhole(body)
  // Each byte that is no UTF-8 becomes a replacement character of three bytes.
  return Buffer.byteLength(text) > excerptBytes ? decodeWhole(Buffer.from(text)) : text
}

/** A decoder told that more will come keeps back a character that is cut. */
function decodeWhole(bytes: Buffer): string {
  return new TextDecoder('utf-8', {ignoreBOM: true}).decode(bytes.subarray(0, excerptBytes), {stream: true})
}
