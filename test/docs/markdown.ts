import {readFileSync, readdirSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

/** The checkout, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Fence {
  /** What stands after the backticks. */
  language: string
  text: string
  /** Where it begins, counted from 1. */
  line: number
}

export const readPage = (path: string) => readFileSync(root + path, 'utf8')

/** Every page of the checkout, by its path from there. */
export function pages(): string[] {
  const own = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']
  const below = ['docs', 'examples'].flatMap((dir) =>
    readdirSync(root + dir, {recursive: true, encoding: 'utf8'}).map((name) => `${dir}/${name}`),
  )
  return [...own, ...below.filter((name) => name.endsWith('.md'))]
}

/** The fenced blocks of a page, in order. */
export function fences(page: string): Fence[] {
  return [...page.matchAll(/^```(\S*)\n(.*?)^```$/gms)].map(({1: language = '', 2: text = '', index}) => ({
    language,
    text,
    line: page.slice(0, index).split('\n').length,
  }))
}

/** A page without what stands in its blocks. */
export function prose(page: string): string {
  return page.replace(/^```.*?^```$/gms, '')
}

/** The prose of a page under a heading, up to the next one of its rank or above. */
export function section(text: string, heading: string): string {
  const rank = /^#+/.exec(heading)?.[0].length ?? 1
  const page = prose(text)
  const start = page.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`no heading ${JSON.stringify(heading)}`)
  const rest = page.slice(start + heading.length + 2)
  const end = rest.search(new RegExp(`^#{1,${rank}} `, 'm'))
  return end < 0 ? rest : rest.slice(0, end)
}

/** The rows of the tables in a text, as cells; heads and rulers are left out. */
export function tableRows(text: string): string[][] {
  const tables = text.matchAll(/^\|.*\|\n\|[ |:-]+\|\n((?:\|.*\|\n?)*)/gm)
  return [...tables].flatMap(([, body = '']) => body.trim().split('\n')).map(cells)
}

function cells(row: string): string[] {
  return row
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())
}
