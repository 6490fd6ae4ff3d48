import {methods, outcomeCodes, taskStates} from '../../task/task.js'
import {helpTopics} from '../help/help-topics.js'

/** A command as the manifest has it. Ids have colons between their words. */
export interface KnownCommand {
  id: string
  summary?: string | undefined
  hidden?: boolean | undefined
  flags: Record<string, KnownFlag>
}

interface KnownFlag {
  name: string
  type: string
  char?: string | undefined
  description?: string | undefined
  hidden?: boolean | undefined
  multiple?: boolean | undefined
  options?: readonly string[] | undefined
  helpValue?: unknown
}

export interface Candidate {
  value: string
  about: string
}

/** What only Redis can tell. */
export type Wanted = 'id' | 'queue' | 'lane' | 'schedule'

export interface Completion {
  candidates: Candidate[]
  /** To be looked up, for what begins with `word`; `head` stands before each of them. */
  wanted?: {kind: Wanted; word: string; head: string} | undefined
}

export const shells = ['bash', 'zsh', 'fish'] as const

/** Flags with a closed set of values that oclif is not told of. */
const flagValues: Record<string, readonly string[]> = {
  state: [...taskStates, 'all'],
  status: ['none', '4xx', '5xx', '429', '500', '502', '503', '504'],
  error: outcomeCodes,
  method: methods,
}

const flagWanted: Record<string, Wanted> = {queue: 'queue', 'flow-key': 'lane', 'id-prefix': 'id'}

const argumentWanted: Record<string, Wanted> = {
  show: 'id',
  why: 'id',
  wait: 'id',
  retry: 'id',
  purge: 'id',
  pause: 'queue',
  resume: 'queue',
  'queues:set': 'queue',
  'lanes:reset': 'lane',
  'schedule:next': 'schedule',
  'schedule:pause': 'schedule',
  'schedule:resume': 'schedule',
  'schedule:remove': 'schedule',
}

/** Those that take more than one. */
const manyArguments: readonly string[] = ['wait', 'retry', 'purge']

/** What may stand in the place of the last word, which has perhaps been begun. The words are those after `torque`. */
export function complete(words: readonly string[], all: readonly KnownCommand[]): Completion {
  const commands = all.filter(({hidden}) => !hidden)
  const [first = '', second] = words
  const word = words.at(-1) ?? ''
  const isTopic = commands.some(({id}) => id.startsWith(`${first}:`))
  if (words.length < 2) return begunWith(word, firstWords(commands))
  const sub = isTopic && words.length > 2 ? commands.find(({id}) => id === `${first}:${second}`) : undefined
  const command = sub ?? commands.find(({id}) => id === first)
  const subcommands = isTopic && words.length === 2 ? secondWords(first, commands) : []
  if (!command) return begunWith(word, subcommands)
  const given = words.slice(sub ? 2 : 1, -1)
  const {candidates, wanted} = ofCommand(command, given, word, commands)
  return {candidates: [...begunWith(word, subcommands).candidates, ...candidates], wanted}
}

function ofCommand(command: KnownCommand, given: readonly string[], word: string, all: readonly KnownCommand[]): Completion {
  const isPast = given.includes('--')
  const before = isPast ? undefined : flagNamed(command, given.at(-1))
  if (before?.type === 'option' && !given.at(-1)!.includes('=')) return valuesOf(before, word, '')
  if (!isPast && word.startsWith('--') && word.includes('=')) {
    const cut = word.indexOf('=') + 1
    const flag = flagNamed(command, word.slice(0, cut - 1))
    return flag?.type === 'option' ? valuesOf(flag, word.slice(cut), word.slice(0, cut)) : {candidates: []}
  }
  if (!isPast && word.startsWith('-')) return begunWith(word, flagsOf(command, given))
  return argumentsOf(command, given, word, all)
}

function argumentsOf(
  {id, flags}: KnownCommand,
  given: readonly string[],
  word: string,
  all: readonly KnownCommand[],
): Completion {
  const isValue = (at: number) => {
    const flag = flagNamed({flags}, given[at - 1])
    return flag?.type === 'option' && !given[at - 1]!.includes('=')
  }
  const taken = given.filter((each, at) => !each.startsWith('-') && !isValue(at)).length
  if (id === 'completion' && taken === 0) return begunWith(word, plain(shells))
  if (id === 'help') return begunWith(word, helpWords(given, all))
  const kind = argumentWanted[id]
  return kind && (taken === 0 || manyArguments.includes(id)) ? {candidates: [], wanted: {kind, word, head: ''}} : {candidates: []}
}

function helpWords(given: readonly string[], all: readonly KnownCommand[]): Candidate[] {
  if (given.length === 0) return [...firstWords(all), ...plain(helpTopics)]
  return given.length === 1 ? secondWords(given[0]!, all) : []
}

/** Of a list with commas between, the last one is completed. */
function valuesOf(flag: KnownFlag, word: string, before: string): Completion {
  const isList = flag.multiple === true && flagValues[flag.name] !== undefined
  const cut = isList ? word.lastIndexOf(',') + 1 : 0
  const [head, rest] = [before + word.slice(0, cut), word.slice(cut)]
  const values = flag.options ?? flagValues[flag.name] ?? spelledOut(flag.helpValue)
  const {candidates} = begunWith(rest, plain(values))
  const kind = flagWanted[flag.name]
  return {
    candidates: candidates.map(({value, about}) => ({value: head + value, about})),
    wanted: kind && {kind, word: rest, head},
  }
}

/** `one|all|none` says it all. */
function spelledOut(helpValue: unknown): string[] {
  return typeof helpValue === 'string' && /^[a-z]+(\|[a-z]+)+$/.test(helpValue) ? helpValue.split('|') : []
}

function flagsOf({flags}: KnownCommand, given: readonly string[]): Candidate[] {
  const isGiven = ({name, char}: KnownFlag) =>
    given.some((word) => word === `--${name}` || word.startsWith(`--${name}=`) || (char !== undefined && word === `-${char}`))
  const left = Object.values(flags).filter((flag) => !flag.hidden && (flag.multiple || !isGiven(flag)))
  return left.map(({name, description = ''}) => ({value: `--${name}`, about: aboutOf(description)}))
}

function flagNamed({flags}: Pick<KnownCommand, 'flags'>, word = ''): KnownFlag | undefined {
  const [, name = word] = /^--([^=]+)/.exec(word) ?? []
  return Object.values(flags).find((flag) => (word.startsWith('--') ? flag.name === name : word === `-${flag.char}`))
}

function firstWords(commands: readonly KnownCommand[]): Candidate[] {
  const words = new Map<string, string>()
  for (const {id, summary} of commands) {
    const [word = '', ...rest] = id.split(':')
    if (rest.length === 0 || !words.has(word)) words.set(word, rest.length === 0 ? aboutOf(summary) : '')
  }
  return [...words].map(([value, about]) => ({value, about}))
}

function secondWords(first: string, commands: readonly KnownCommand[]): Candidate[] {
  const below = commands.filter(({id}) => id.startsWith(`${first}:`))
  return below.map(({id, summary}) => ({value: id.slice(first.length + 1), about: aboutOf(summary)}))
}

/** Without what only help fills in, and without defaults. */
function aboutOf(text = ''): string {
  return text
    .replaceAll('<%= config.bin %>', 'torque')
    .replace(/\s*\[(?:default|env):.*$/, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/\.$/, '')
}

const plain = (values: readonly string[]): Candidate[] => values.map((value) => ({value, about: ''}))

function begunWith(word: string, candidates: readonly Candidate[]): Completion {
  return {candidates: candidates.filter(({value}) => value.startsWith(word))}
}
