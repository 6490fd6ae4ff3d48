import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, inject, it} from 'vitest'

import {runProgram, scratchDir} from '../support/torque.js'

const program = (name: string) => fileURLToPath(new URL(`../../chaos/${name}`, import.meta.url))

function chaos(...args: string[]) {
  // Where it fails its records are kept: in a directory that goes with the test.
  const env = {TMPDIR: scratchDir()}
  const flags = ['--redis-server', inject('enginePath'), '--seed', '3', ...args]
  return runProgram(process.execPath, [program('run.js'), ...flags], {env})
}

/** One task that failed once and was delivered by its second call, and the records of that. */
const good = {
  acknowledged: [{name: 't0', id: 'a', notBefore: 1000, fate: 'delivered'}],
  abandoned: ['t1'],
  calls: [
    {name: 't0', id: 'a', attempt: 1, at: 1000, endedAt: 1010, status: 500},
    {name: 't0', id: 'a', attempt: 2, at: 1500, endedAt: 1510, status: 200},
  ],
  states: [{id: 'a', name: 't0', state: 'delivered', attempts: 2, errors: 1, lostLeases: 0}],
  settled: [{id: 'a', attempts: 2}],
  faults: [] as {name: string}[],
  addedTotal: 1,
}
type Call = Omit<(typeof good.calls)[number], 'status'> & {status: number | null}
type Records = Omit<typeof good, 'calls'> & {calls: Call[]}

const [first, second] = good.calls as [Call, Call]
const again = {...second, attempt: 3, at: 2000, endedAt: 2010}

/** The problems that the checker finds in each of several records, and its exit code. */
async function check(cases: readonly Partial<Records>[]) {
  const dirs = cases.map((changes) => save({...good, ...changes}))
  const {code, stdout} = await runProgram(process.execPath, [program('check.js'), ...dirs])
  const reports = stdout.split(/^records +.*$/m).slice(1)
  return {code, problems: reports.map((report) => report.split('\n').filter((line) => line.startsWith('PROBLEM')))}
}

function save({addedTotal, ...lists}: Records): string {
  const dir = scratchDir()
  for (const [name, list] of Object.entries(lists)) {
    writeFileSync(join(dir, `${name}.ndjson`), list.map((each) => `${JSON.stringify(each)}\n`).join(''))
  }
  writeFileSync(join(dir, 'run.json'), JSON.stringify({concurrency: 1, addedTotal, forgets: false}))
  return dir
}

describe('the checker of npm run chaos', () => {
  const kill = {name: 'kill'}
  const three = {...good.states[0]!, attempts: 3}

  it('lets pass what went as it should, and what each fault may cost', async () => {
    const {code, problems} = await check([
      {},
      {calls: [first, second, again], states: [three], settled: [], faults: [kill]},
      {calls: [{...first, endedAt: 1600}, second], faults: [{name: 'stop'}]},
      {calls: [first, {...second, status: null}], states: [{...good.states[0]!, state: 'dead', lostLeases: 5}]},
    ])

    expect({code, problems}).toEqual({code: 0, problems: [[], [], [], []]})
  })

  it('finds each thing that must not be', async () => {
    const cases: [problem: string, Partial<Records>][] = [
      ['torque does not know it', {states: []}],
      ['it still is ready', {states: [{...good.states[0]!, state: 'ready'}]}],
      ['nobody answered 200', {calls: [first]}],
      ['lost: t0', {states: [{...good.states[0]!, state: 'dead'}]}],
      ['called early', {calls: [{...first, at: 999}, second]}],
      ['one attempt, two calls', {calls: [first, {...second, attempt: 1}]}],
      ['called again after it was settled', {calls: [first, second, again], faults: [kill]}],
      ['duplicates: 1, and 0 at most', {calls: [first, second, again], states: [three], settled: []}],
      ['a lease did not hold', {calls: [{...first, endedAt: 1600}, second], faults: [kill]}],
      ['queued after a plain 503: t1', {calls: [first, second, {...second, name: 't1', id: 'b'}]}],
      ['added 2 tasks, not 1', {addedTotal: 2}],
    ]

    const {code, problems} = await check(cases.map(([, changes]) => changes))

    expect(code).toBe(1)
    expect(problems).toEqual(cases.map(([problem]) => [expect.stringContaining(problem)]))
  })
})

describe('npm run chaos', () => {
  it(
    'tells a run that lost nothing from one with a lost task and one with a lease that did not hold',
    {timeout: 60_000},
    async () => {
      const [killed, lost, broken] = await Promise.all([
        chaos('--serves', '2', '--scale', '60', '--faults', 'kill:1,script-flush:1,cut:1'),
        chaos('--serves', '1', '--scale', '60', '--faults', 'none', '--sabotage', 'lose-task'),
        chaos('--serves', '2', '--scale', '100', '--faults', 'none', '--sabotage', 'break-leases'),
      ])
      const kept = /^kept +(.+)$/m.exec(lost.stdout)?.[1] ?? ''

      expect(killed).toMatchObject({code: 0, stdout: expect.stringMatching(/^lost +0$/m)})
      expect(killed.stdout).toMatch(/^tasks +60 acknowledged/m)
      expect(killed.stdout).toMatch(/^faults +3: /m)
      expect(lost).toMatchObject({code: 1, stdout: expect.stringContaining('torque does not know it')})
      expect(readFileSync(join(kept, 'acknowledged.ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(60)
      expect(broken).toMatchObject({code: 1, stdout: expect.stringContaining('a lease did not hold')})
    },
  )
})
