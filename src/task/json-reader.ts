import {TorqueError} from '../errors.js'
import type {JsonValue, Member, ReadOptions} from './json-text.js'
import {quote} from './quote.js'

const [tab, newline, carriageReturn, space] = [9, 10, 13, 32]
const [quoteMark, comma, colon, backslash] = [34, 44, 58, 92]
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125]
const firstSurrogate = 0xd800

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const loneSurrogate = /\p{Surrogate}/u

/** One pass over one text, by recursive descent: it goes no deeper than `maxDepth`, so no input can overflow the stack. */
export class JsonReader {
  #at = 0
  #depth = 0
  #keys = 0
  readonly #text: string
  readonly #options: ReadOptions
  readonly #maxDepth: number
  readonly #maxKeys: number

  constructor(text: string, options: ReadOptions) {
    this.#text = text
    this.#options = options
    this.#maxDepth = options.maxDepth ?? 32
    this.#maxKeys = options.maxKeys ?? 1000
  }

  /** The whole text as one value. */
  document(): JsonValue {
    const value = this.#value()
    this.#skipBlanks()
    return this.#at === this.#text.length ? value : this.#failHere()
  }

  #value(): JsonValue {
    this.#skipBlanks()
    const start = this.#at
    // The text is cut last in each, when the position has moved past the value.
    switch (this.#text.charCodeAt(start)) {
      case quoteMark:
        return {kind: 'string', value: this.#string(), text: this.#text.slice(start, this.#at)}
      case openBrace:
        return {kind: 'object', members: this.#members(), text: this.#text.slice(start, this.#at)}
      case openBracket:
        return {kind: 'array', items: this.#items(), text: this.#text.slice(start, this.#at)}
      default:
        return this.#word('true') ?? this.#word('false') ?? this.#word('null') ?? this.#number()
    }
  }

  #word(word: 'true' | 'false' | 'null'): JsonValue | undefined {
    if (!this.#text.startsWith(word, this.#at)) return undefined
    this.#at += word.length
    return {kind: word, text: word}
  }

  #number(): JsonValue {
    number.lastIndex = this.#at
    const [text] = number.exec(this.#text) ?? this.#failHere()
    this.#at += text.length
    return {kind: 'number', text}
  }

  #items(): JsonValue[] {
    const items: JsonValue[] = []
    this.#enter()
    if (!this.#take(closeBracket)) {
      do items.push(this.#value())
      while (this.#take(comma))
      this.#expect(closeBracket)
    }
    this.#depth--
    return items
  }

  #members(): Member[] {
    const members: Member[] = []
    this.#enter()
    if (!this.#take(closeBrace)) {
      const keys = new Set<string>()
      do members.push({key: this.#key(keys), value: this.#value()})
      while (this.#take(comma))
      this.#expect(closeBrace)
    }
    this.#depth--
    return members
  }

  #key(keys: Set<string>): string {
    this.#skipBlanks()
    if (this.#text.charCodeAt(this.#at) !== quoteMark) this.#failHere()
    const key = this.#string()
    if (keys.size === keys.add(key).size) this.#fail(`has the key ${quote(key)} twice`)
    if (++this.#keys > this.#maxKeys) this.#fail(`has more than ${this.#maxKeys} keys`)
    this.#expect(colon)
    return key
  }

  #string(): string {
    const start = this.#at++
    let plain = true
    for (let code; (code = this.#text.charCodeAt(this.#at)) !== quoteMark; this.#at++) {
      // Not `<`: the code is NaN at the end of the text.
      if (!(code >= space)) this.#failHere()
      if (code === backslash) this.#at++
      if (code === backslash || code >= firstSurrogate) plain = false
    }
    this.#at++
    return plain ? this.#text.slice(start + 1, this.#at - 1) : this.#unescape(start)
  }

  #unescape(start: number): string {
    const text = this.#text.slice(start, this.#at)
    try {
      const value = JSON.parse(text) as string
      if (!loneSurrogate.test(value)) return value
    } catch (cause) {
      this.#fail(`is not valid JSON: the string ${quote(text)} has an escape that is none`, cause)
    }
    return this.#fail(`has half of a surrogate pair in the string ${quote(text)}`)
  }

  #enter(): void {
    this.#at++
    if (++this.#depth > this.#maxDepth) this.#fail(`is nested more than ${this.#maxDepth} levels deep`)
  }

  #take(code: number): boolean {
    this.#skipBlanks()
    const taken = this.#text.charCodeAt(this.#at) === code
    if (taken) this.#at++
    return taken
  }

  #expect(code: number): void {
    if (!this.#take(code)) this.#failHere()
  }

  #skipBlanks(): void {
    let code = this.#text.charCodeAt(this.#at)
    while (code === space || code === newline || code === carriageReturn || code === tab) code = this.#text.charCodeAt(++this.#at)
  }

  #failHere(): never {
    const [char] = this.#text.slice(this.#at, this.#at + 2)
    this.#fail(`is not valid JSON: ${char === undefined ? 'it ends too early' : `${quote(char)} at character ${this.#at + 1}`}`)
  }

  #fail(what: string, cause?: unknown): never {
    const {code = 'invalid_json', field} = this.#options
    throw new TorqueError(code, `${field ?? 'the text'} ${what}`, {...(field !== undefined && {field}), cause})
  }
}
