const [quoteMark, comma, colon, openBrace, closeBrace] = [34, 44, 58, 123, 125]
const [percent, ampersand, equals, plus] = [37, 38, 61, 43]
const [firstOfNull, firstSurrogate] = [110, 0xd800]

const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/** Beyond these the general reader is as good. */
const [maxLength, maxMembers] = [4096, 16]

/** Room for the form of any of these: a character is three bytes at most, and each of those three. */
const form = Buffer.allocUnsafe(9 * maxLength)
const hex = Buffer.from('0123456789ABCDEF')

/** What becomes of a character of ASCII: a byte, an escape, or nothing that this reader understands. */
const [unknown, escaped] = [0, 1]
const ascii = Uint8Array.from({length: 128}, (_, code) => {
  const char = String.fromCharCode(code)
  if (/[A-Za-z0-9*\-._]/.test(char)) return code
  if (char === ' ') return plus
  return code < 32 || char === '"' || char === '\\' ? unknown : escaped
})

/**
 * Reads params of the plainest kind, which most are, straight into their form: an object of strings without escapes, numbers and
 * words. It stops at whatever else it finds, good or bad: that is for the general reader. In the way of every task, twice.
 */
export class PlainParams {
  readonly #text: string
  #at = 0
  #end = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The form; null where the params are not plain. */
  form(): string | null {
    return this.isPlain() ? form.toString('latin1', 0, this.#end) : null
  }

  isPlain(): boolean {
    if (this.#text.length > maxLength || !this.#take(openBrace)) return false
    const keys: string[] = []
    do {
      if (keys.length === maxMembers || !this.#member(keys)) return false
    } while (this.#take(comma))
    return this.#take(closeBrace) && this.#at === this.#text.length
  }

  #member(keys: string[]): boolean {
    if (keys.length > 0) form[this.#end++] = ampersand
    this.#skipBlanks()
    const start = this.#at
    if (!this.#string()) return false
    const key = this.#text.slice(start, this.#at)
    if (keys.includes(key) || !this.#take(colon)) return false
    keys.push(key)
    form[this.#end++] = equals
    this.#skipBlanks()
    return this.#text.charCodeAt(this.#at) === quoteMark ? this.#string() : this.#scalar()
  }

  #string(): boolean {
    if (this.#text.charCodeAt(this.#at) !== quoteMark) return false
    for (let at = this.#at + 1; ; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === quoteMark) {
        this.#at = at + 1
        return true
      }
      if (!this.#put(code)) return false
    }
  }

  /** Past the end of the text the code is NaN, which is not written either. */
  #put(code: number): boolean {
    const byte = ascii[code] ?? unknown
    if (byte > escaped) form[this.#end++] = byte
    else if (byte === escaped) this.#escape(code)
    else return this.#putWide(code)
    return true
  }

  /** In UTF-8. Half of a surrogate pair may have lost the other. */
  #putWide(code: number): boolean {
    if (!(code >= 128 && code < firstSurrogate)) return false
    if (code < 0x800) this.#escape(0xc0 | (code >> 6))
    else {
      this.#escape(0xe0 | (code >> 12))
      this.#escape(0x80 | ((code >> 6) & 0x3f))
    }
    this.#escape(0x80 | (code & 0x3f))
    return true
  }

  #escape(byte: number): void {
    form[this.#end++] = percent
    form[this.#end++] = hex[byte >> 4]!
    form[this.#end++] = hex[byte & 15]!
  }

  /** A number as it is written; null is nothing. */
  #scalar(): boolean {
    scalar.lastIndex = this.#at
    if (!scalar.test(this.#text)) return false
    const [from, to] = [this.#at, scalar.lastIndex]
    this.#at = to
    if (this.#text.charCodeAt(from) === firstOfNull) return true
    for (let at = from; at < to; at++) this.#put(this.#text.charCodeAt(at))
    return true
  }

  #take(code: number): boolean {
    this.#skipBlanks()
    const taken = this.#text.charCodeAt(this.#at) === code
    if (taken) this.#at++
    return taken
  }

  #skipBlanks(): void {
    let code = this.#text.charCodeAt(this.#at)
    while (code === 32 || code === 10 || code === 13 || code === 9) code = this.#text.charCodeAt(++this.#at)
  }
}
