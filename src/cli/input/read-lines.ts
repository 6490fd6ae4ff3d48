import {createReadStream} from 'node:fs'
import {addAbortSignal, type Readable} from 'node:stream'

import {TorqueError} from '../../errors.js'
import {fileProblem} from './file-error.js'

/** A line of input, or the reason why it is none. */
export interface InputLine {
  /** Counted from 1. */
  number: number
  text: string
  error: TorqueError | null
}

export interface ReadLinesOptions {
  /** Bytes; a longer line is reported and skipped, never held. */
  maxLength: number
}

const newline = 0x0a

/** Lines of UTF-8 from a stream of bytes, as many together as arrived together, in constant memory. */
export async function* readLines(input: AsyncIterable<Uint8Array>, {maxLength}: ReadLinesOptions): AsyncGenerator<InputLine[]> {
  let number = 1
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of input) {
    const lines: InputLine[] = []
    const pieces = split(chunk)
    pieces.forEach((piece, index) => {
      length += piece.length
      if (length <= maxLength) parts.push(piece)
      if (index === pieces.length - 1) return
      lines.push(toLine(number++, parts, length, maxLength))
      ;[parts, length] = [[], 0]
    })
    yield lines
  }
  if (length > 0) yield [toLine(number, parts, length, maxLength)]
}

/** What stands between the line breaks; the last piece goes on in the next chunk. */
function split(chunk: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let start = 0
  for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
    pieces.push(chunk.subarray(start, end))
    start = end + 1
  }
  return [...pieces, chunk.subarray(start)]
}

function toLine(number: number, parts: Uint8Array[], length: number, maxLength: number): InputLine {
  if (length > maxLength)
    return {number, text: '', error: new TorqueError('too_large', `the line has ${length} bytes, more than ${maxLength}`)}
  try {
    return {number, text: decodeUtf8(Buffer.concat(parts)), error: null}
  } catch (cause) {
    return {number, text: '', error: new TorqueError('invalid_json', 'the line is not UTF-8', {cause})}
  }
}

/** Strict, where Buffer would put replacement characters into somebody's data. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
}

/** The bytes of a file, or of the standard input for `-`. Aborted, they end as if there were no more. */
export async function* openInput(name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const stream: Readable = name === '-' ? process.stdin : createReadStream(name)
  try {
    yield* signal ? addAbortSignal(signal, stream) : stream
  } catch (cause) {
    if (signal?.aborted) return
    throw new TorqueError('invalid_option', `cannot read ${inputName(name)}: ${fileProblem(cause)}`, {cause})
  }
}

export function inputName(name: string): string {
  return name === '-' ? 'the standard input' : JSON.stringify(name)
}
