import {TorqueError} from '../../errors.js'
import {trimBlanks} from '../../task/trim-blanks.js'
import {decodeUtf8, inputName, openInput} from './read-lines.js'

/** No task may be larger, through whichever door. */
const maxBytes = 1024 * 1024

/** The text that a flag means: `@file` reads a file, `-` the standard input, anything else is the text itself. */
export async function readText(value: string, field: string): Promise<string> {
  if (value !== '-' && !value.startsWith('@')) return value
  const name = value === '-' ? '-' : value.slice(1)
  const text = decode(await readAll(name), name, field)
  // What should have written it has failed, most likely; without this a task with nothing in it would go out.
  if (trimBlanks(text) === '') throw new TorqueError('invalid_option', `--${field}: ${inputName(name)} is empty`, {field})
  return text
}

function decode(bytes: Uint8Array, name: string, field: string): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw new TorqueError('invalid_option', `--${field}: ${inputName(name)} is not UTF-8`, {field, cause})
  }
}

async function readAll(name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of openInput(name)) {
    length += chunk.length
    if (length > maxBytes) throw new TorqueError('too_large', `${inputName(name)} has more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
