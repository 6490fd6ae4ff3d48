import {string} from '@oclif/core/flags'

import type {FilterFields, FilterName} from '../../task/parse-filter.js'

const helpGroup = 'FILTER'

/** What may be given several times. oclif would take the last of any other flag, and a filter that is dropped means more tasks. */
const several = (options: {description: string; helpValue: string}) =>
  string({...options, helpGroup, multiple: true, multipleNonGreedy: true})

/** The filter language as flags: all that are given must hold. What they say is checked by `parseFilter`. */
export const contentFlags = {
  url: several({description: 'Whose URL matches: * stands for any characters. Repeatable.', helpValue: 'GLOB'}),
  host: several({description: 'That call this host; with :PORT, there.', helpValue: 'HOST'}),
  status: several({
    description: 'Whose newest attempt got this status: 503, 5xx, none; or several with commas between.',
    helpValue: 'STATUS',
  }),
  error: several({
    description: 'Whose newest attempt ended with this error code, such as timeout; or several with commas between.',
    helpValue: 'CODE',
  }),
  param: several({description: 'With this form field in their params. Repeatable.', helpValue: 'NAME=VALUE'}),
  'older-than': several({description: 'That ended, or else were added, at least this long ago.', helpValue: 'DURATION'}),
  'newer-than': several({description: 'That ended, or else were added, less than this long ago.', helpValue: 'DURATION'}),
  'min-errors': several({description: 'With at least so many errors.', helpValue: 'N'}),
  'id-prefix': several({description: 'Whose id begins so.', helpValue: 'PREFIX'}),
  'flow-key': several({description: 'Of this lane: a flow key, or the origin of a URL.', helpValue: 'KEY'}),
}

/** What `--state` stands for where it is not given differs by command. */
export const filterFlags = (description: string) => ({
  state: several({description, helpValue: 'STATE'}),
  ...contentFlags,
})

export type FilterFlags = {[name in keyof ReturnType<typeof filterFlags>]?: string[] | undefined}

const words: Record<FilterName, keyof FilterFlags> = {
  state: 'state',
  url: 'url',
  host: 'host',
  status: 'status',
  error: 'error',
  param: 'param',
  olderThan: 'older-than',
  newerThan: 'newer-than',
  minErrors: 'min-errors',
  idPrefix: 'id-prefix',
  flowKey: 'flow-key',
}

/** How a user of the command line knows a field. */
export const spellFlag = (name: FilterName): string => words[name]

/** The flags as the fields of a filter. */
export function filterFields(flags: FilterFlags): FilterFields {
  return Object.fromEntries(Object.entries(words).map(([name, flag]) => [name, flags[flag]]))
}
