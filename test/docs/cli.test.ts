import {describe, expect, it} from 'vitest'

import {readPage, section, tableRows} from './markdown.js'

interface Manifest {
  commands: Record<string, {hidden?: boolean; flags: Record<string, {name: string; char?: string; hidden?: boolean}>}>
}

const page = readPage('docs/cli.md')
const {commands} = JSON.parse(readPage('oclif.manifest.json')) as Manifest
const known = Object.entries(commands)
  .filter(([, {hidden}]) => !hidden)
  .map(([id, {flags}]) => ({id, title: `torque ${id.replaceAll(':', ' ')}`, flags}))

/** The flags that the tables of a text name, as `-q, --queue` or `--json`. */
function documented(text: string): string[] {
  return tableRows(text).flatMap(([cell = '']) => /^`((?:-\w, )?--[a-z0-9-]+)/.exec(cell)?.[1] ?? [])
}

function taken({flags}: (typeof known)[number]): string[] {
  const shown = Object.values(flags).filter(({hidden}) => !hidden)
  return shown.map(({name, char}) => (char ? `-${char}, --${name}` : `--${name}`))
}

/** The flags of the commands whose flags a table refers to, as `[as for torque add](#torque-add)`. */
function referred(text: string): string[] {
  const anchors = tableRows(text).flatMap(([cell = '']) => /^\[.+\]\(#(torque-[a-z-]+)\)$/.exec(cell)?.[1] ?? [])
  return anchors.flatMap((anchor) => documented(section(page, `## ${anchor.replaceAll('-', ' ')}`)))
}

const shared = documented(section(page, '## Shared flags'))

describe('docs/cli.md', () => {
  it('has a section for every command and for no other', () => {
    const titles = [...page.matchAll(/^## (torque .+)$/gm)].map(([, title = '']) => title)

    expect(titles.toSorted()).toEqual(known.map(({title}) => title).toSorted())
  })

  it.each(known)('names every flag of $title', (command) => {
    const own = section(page, `## ${command.title}`)
    const named = [...documented(own), ...referred(own), ...shared]

    expect(taken(command).filter((flag) => !named.includes(flag))).toEqual([])
  })

  it.each(known)('names no flag that $title does not take', (command) => {
    const own = documented(section(page, `## ${command.title}`))

    expect(own.filter((flag) => !taken(command).includes(flag))).toEqual([])
  })

  it('names no shared flag that no command takes', () => {
    expect(shared.filter((flag) => !known.some((command) => taken(command).includes(flag)))).toEqual([])
  })
})
