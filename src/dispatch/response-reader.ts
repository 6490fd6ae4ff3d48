import {ProtocolError, type ResponseHead, readHead} from './response-head.js'

/** Who is told of an answer as it comes. */
export interface AnswerHandler {
  /** Status line and headers are complete. */
  answered(head: ResponseHead): void
  /** A part of the body has come. Its bytes are overwritten once this returns. */
  received(part: Buffer): void
}

/** As much as Node's own parser takes. */
const maxHeadBytes = 16 * 1024
/** Empty lines and answers before the real one, such as 103, the lines between chunks, and trailers. */
const maxExtraBytes = 32 * 1024

/** `chunk-size [ chunk-ext ]` of RFC 9112, section 7.1. */
const chunkLine = /^([0-9a-f]{1,8})[ \t]*(?:;[\t -~\x80-\xff]*)?$/i

/**
 * Reads one answer from the bytes of a connection (RFC 9112), however they are cut, and keeps no more of them than a head. Strict
 * where they could be understood in two ways: a receiver that sends such bytes is called again rather than misread.
 */
export class ResponseReader {
  readonly #handler: AnswerHandler
  /** What comes next. */
  #next: 'head' | 'bytes' | 'chunk size' | 'chunk end' | 'trailer' = 'head'
  /** Of a head or a line whose end has not come. */
  #text = ''
  /** Of what is around the answer. */
  #extraBytes = 0
  /** Of the body, or of the chunk. */
  #bytesLeft = 0
  #head: ResponseHead | undefined
  #isComplete = false

  constructor(handler: AnswerHandler) {
    this.#handler = handler
  }

  /** Once it is complete. */
  get head(): ResponseHead | undefined {
    return this.#head
  }

  /** The whole answer has come, with its body. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Takes what came, up to the end of the answer; returns where that is. Throws `ProtocolError`. */
  read(bytes: Buffer): number {
    let at = 0
    while (at < bytes.length && !this.#isComplete) at = this.#step(bytes, at)
    return at
  }

  #step(bytes: Buffer, at: number): number {
    if (this.#next === 'head') return this.#readHead(bytes, at)
    return this.#next === 'bytes' ? this.#readBytes(bytes, at) : this.#readLine(bytes, at)
  }

  #readHead(bytes: Buffer, at: number): number {
    const known = this.#text.length
    // Of what follows another head, no more than one is looked at: there may be thousands in one piece.
    const stop = at === 0 ? bytes.length : endOfHead(bytes, at)
    let text = this.#text + bytes.toString('latin1', at, stop)
    // Empty lines before an answer are to be passed over (RFC 9112, section 2.2).
    while (text.startsWith('\r\n')) {
      text = text.slice(2)
      this.#countExtra(2)
    }
    const end = text.indexOf('\r\n\r\n', Math.max(0, known - 3))
    if ((end < 0 ? text.length : end) > maxHeadBytes) throw new ProtocolError('headers of more than 16 KiB')
    if (end < 0) {
      checkBeginning(text, known)
      this.#text = text
      return stop
    }
    this.#text = ''
    this.#begin(readHead(text.slice(0, end)), end)
    return stop - (text.length - (end + 4))
  }

  #begin(head: ResponseHead, length: number): void {
    if (head.status === 101) throw new ProtocolError('an upgrade that nobody asked for')
    if (head.status < 200) return this.#countExtra(length)
    this.#head = head
    this.#bytesLeft = typeof head.body === 'number' ? head.body : Infinity
    this.#next = head.body === 'chunked' ? 'chunk size' : 'bytes'
    this.#handler.answered(head)
    if (this.#bytesLeft === 0) this.#isComplete = true
  }

  /** What is no part of the answer that counts is read up to a bound, all together. */
  #countExtra(length: number): void {
    this.#extraBytes += length
    if (this.#extraBytes > maxExtraBytes) throw new ProtocolError('more around the answer than in it')
  }

  #readBytes(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#bytesLeft)
    this.#bytesLeft -= end - at
    this.#handler.received(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    if (this.#bytesLeft > 0) return end
    if (this.#head?.body === 'chunked') this.#next = 'chunk end'
    else this.#isComplete = true
    return end
  }

  #readLine(bytes: Buffer, at: number): number {
    const lineFeed = bytes.indexOf('\n', at)
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1
    this.#countExtra(end - at)
    this.#text += bytes.toString('latin1', at, end)
    if (this.#text.length > maxHeadBytes) throw new ProtocolError('a line of more than 16 KiB in a chunked body')
    if (lineFeed >= 0) this.#takeLine()
    return end
  }

  #takeLine(): void {
    const text = this.#text
    this.#text = ''
    if (!text.endsWith('\r\n')) throw new ProtocolError('a line that ends in LF only')
    const line = text.slice(0, -2)
    if (this.#next === 'chunk size') this.#beginChunk(line)
    else if (this.#next === 'chunk end') this.#endChunk(line)
    else this.#takeTrailer(line)
  }

  #beginChunk(line: string): void {
    const [, size] = chunkLine.exec(line) ?? []
    if (size === undefined) throw new ProtocolError('no valid chunk size')
    this.#bytesLeft = Number.parseInt(size, 16)
    this.#next = this.#bytesLeft === 0 ? 'trailer' : 'bytes'
  }

  #endChunk(line: string): void {
    if (line !== '') throw new ProtocolError('a chunk longer than its size')
    this.#next = 'chunk size'
  }

  #takeTrailer(line: string): void {
    if (line === '') this.#isComplete = true
  }
}

const emptyLine = Buffer.from('\r\n\r\n')

function endOfHead(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(emptyLine, at)
  return end < 0 ? bytes.length : end + emptyLine.length
}

/** Throws at once for what will never be an answer: who waits for its end waits until the deadline. Its first `known` bytes passed before. */
function checkBeginning(text: string, known: number): void {
  if (text !== '\r' && !'HTTP/1.'.startsWith(text.slice(0, 7))) throw new ProtocolError('no valid status line')
  const fresh = known < 2 ? text : text.slice(known - 1)
  if (/[^\r]\n/.test(fresh) || text.startsWith('\n')) throw new ProtocolError('a line that ends in LF only')
}
