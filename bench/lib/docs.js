// The docs' parts that results are written into, between `<!-- bench -->` and `<!-- /bench -->`.
import {readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

import {measures} from '../measures.js'
import {sizeText} from './bench.js'
import {machineText} from './machine.js'
import {readResults} from './results.js'
import {boundText, rangeText, verdict} from './rows.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const mainPage = 'docs/performance.md'
const region = /(<!-- bench -->\n)[^]*?(<!-- \/bench -->)/

/** Writes the results into the pages, and returns those that were not as they are now. `check`: writes nothing. */
export function writeDocs({check = false} = {}) {
  const results = readResults()
  const pages = new Set([mainPage, ...measures.flatMap(({page = []}) => page)])
  return [...pages].filter((page) => {
    const text = readFileSync(root + page, 'utf8')
    if (!region.test(text)) throw new Error(`${page} has no place for results`)
    const fresh = text.replace(region, (_all, start, end) => `${start}\n${pageText(page, results)}\n\n${end}`)
    if (!check) writeFileSync(root + page, fresh)
    return fresh !== text
  })
}

function pageText(page, {machine, measures: found}) {
  const here = measures.filter((measure) => (measure.page ?? mainPage) === page && found[measure.name])
  if (here.length === 0) return 'Nothing has been measured yet.'
  const isMain = page === mainPage
  const parts = here.map((measure) => measureText(measure, found[measure.name], isMain ? `### ${measure.title}` : ''))
  return [`Measured on ${machineText(machine)}.`, ...parts].join('\n\n')
}

function measureText({name, about, note, table = rowTable}, {at, load, quick, size, rows}, heading) {
  const when = `${at.slice(0, 10)}, load average ${load} when it began`
  const how = `_\`node ${name}.js\`${quick ? ', the quick form' : ''}: ${sizeText(size)}. ${when}._`
  const parts = [heading, wrap(about), alignTable(table(rows)), wrap(how), note ? wrap(note(rows)) : '']
  return parts.filter((part) => part !== '').join('\n\n')
}

function rowTable(rows) {
  const hasBullmq = rows.some(({bullmq}) => bullmq)
  const hasLimit = rows.some(({limit}) => limit)
  const hasBound = rows.some((row) => boundText(row) !== '')
  const only = (wanted, ...cells) => (wanted ? cells : [])
  const head = ['', 'torque', ...only(hasBound, 'bound', ''), ...only(hasLimit, 'the limit'), ...only(hasBullmq, 'BullMQ')]
  const line = (row) => [
    `${row.name}, ${row.unit}`,
    rangeText(row.torque),
    ...only(hasBound, boundText(row), verdict(row)),
    ...only(hasLimit, rangeText(row.limit)),
    ...only(hasBullmq, rangeText(row.bullmq)),
  ]
  return [head, ...rows.map(line)]
}

/** As prettier has it. */
function alignTable([head, ...lines]) {
  const widths = head.map((_cell, column) => Math.max(3, ...[head, ...lines].map((line) => line[column].length)))
  const text = (cells, filler = ' ') => `| ${cells.map((cell, column) => cell.padEnd(widths[column], filler)).join(' | ')} |`
  const ruler = text(
    head.map(() => ''),
    '-',
  )
  return [text(head), ruler, ...lines.map((line) => text(line))].join('\n')
}

/** Lines of at most 130 characters. */
function wrap(text) {
  const lines = ['']
  for (const word of text.split(/\s+/)) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`
    if (longer.length <= 130) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.join('\n')
}
