import type {FastifyRequest} from 'fastify'

import {TorqueError} from '../errors.js'
import {quote} from '../task/quote.js'
import {type FormField, readForm} from './form.js'
import {queryOf} from './intake.js'

/** The parameters of a query string, of which only `names` may stand in it. Blanks are trimmed, empty is absent. */
export class Query {
  readonly #fields: FormField[]

  constructor(request: FastifyRequest, names: readonly string[]) {
    this.#fields = readForm(queryOf(request.raw.url ?? '')).map(([name, value]) => [name, value.trim()])
    const unknown = this.#fields.find(([name]) => !names.includes(name))
    if (unknown) throw unknownParameter(unknown[0], names)
  }

  /** The last one given. */
  get(name: string): string | undefined {
    return this.all(name).at(-1)
  }

  all(name: string): string[] {
    return this.#fields.flatMap(([key, value]) => (key === name && value !== '' ? [value] : []))
  }
}

function unknownParameter(name: string, names: readonly string[]): TorqueError {
  const known = names.length > 0 ? `it takes ${names.join(', ')}` : 'it takes none'
  return new TorqueError('unknown_field', `there is no parameter ${quote(name)} here: ${known}`, {field: name})
}
