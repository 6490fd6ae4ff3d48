import {readFileSync, readdirSync} from 'node:fs'
import {describe, expect, it} from 'vitest'

const folder = 'src/queue/scripts'
const files = readdirSync(folder)
/** What several scripts begin with. */
const libraries = ['lib', 'limits', 'troubles']
const luaFiles = files.filter((file) => file.endsWith('.lua'))
const scripts = luaFiles.map((file) => file.replace('.lua', '')).filter((name) => !libraries.includes(name))

/** The libraries of a script beside `lib`, as its wrapper names them. */
const librariesOf = (wrapper: string) =>
  [...(/libraries: \[([^\]]*)\]/.exec(wrapper)?.[1] ?? '').matchAll(/\w+/g)].map(([word]) => word)

interface Lua {
  /** The comment at its top, without the dashes. */
  header: string[]
  /** What is no comment. */
  code: string
}

function read(name: string): Lua {
  const lines = readFileSync(`${folder}/${name}.lua`, 'utf8').split('\n')
  const headerEnd = lines.findIndex((line) => !line.startsWith('--'))
  const header = lines.slice(0, headerEnd).map((line) => line.slice(3))
  const code = lines.slice(headerEnd).map((line) => line.replace(/--.*$/, ''))
  return {header, code: code.join('\n')}
}

const sorted = (values: Iterable<string>) => [...new Set(values)].toSorted()

/** `3` for one, `3 ...` for all from there on. */
function documented({header}: Lua, table: 'KEYS' | 'ARGV'): string[] {
  const entry = new RegExp(`^${table}\\[(\\d+(?: \\.\\.\\.)?)\\] {2,}\\S`)
  return sorted(header.flatMap((line) => entry.exec(line)?.[1] ?? []))
}

function used({code}: Lua, table: 'KEYS' | 'ARGV'): string[] {
  const one = [...code.matchAll(new RegExp(`${table}\\[(\\d+)\\]`, 'g'))].map(([, index]) => index!)
  const offset = [...code.matchAll(new RegExp(`${table}\\[(\\d+) \\+`, 'g'))].map(([, base]) => `${Number(base) + 1} ...`)
  const loop = [...code.matchAll(new RegExp(`= (\\d+), #${table}\\b`, 'g'))].map(([, from]) => `${from} ...`)
  return sorted([...one, ...offset, ...loop])
}

/** The names of what follows per task, as the header lists them and as the code takes them apart. */
function perItem({header, code}: Lua): {listed: string[]; taken: string[]; size: number; from: string | undefined} {
  const start = header.findIndex((line) => line.startsWith('then per '))
  const end = header.findIndex((line, index) => index > start && line === '')
  const lines = start < 0 ? [] : header.slice(start + 1, end)
  const listed = lines.flatMap((line) => line.trim().split(/ {2,}/)[0]!.split(', '))
  const taken = /local ([\w, ]+) = unpack\(ARGV, at, at \+ \w+ - 1\)/.exec(code)?.[1]?.split(', ') ?? []
  const size = Number(/local PER_\w+ = (\d+)/.exec(code)?.[1] ?? 0)
  return {listed, taken, size, from: /for at = (\d+) \+ lanes, #ARGV, PER_\w+ do/.exec(code)?.[1]}
}

describe('each script', () => {
  it('has a wrapper of the same name, and no wrapper is without one', () => {
    expect(files.filter((file) => file.endsWith('.ts')).toSorted()).toEqual(scripts.map((name) => `${name}.ts`).toSorted())
    expect(files.toSorted()).toEqual([...luaFiles, ...scripts.map((name) => `${name}.ts`)].toSorted())
  })
})

describe('lib', () => {
  const lib = read('lib')

  it('documents the keys that every script gets, in order, and uses each', () => {
    const all = ['1', '2', '3', '4', '5', '6', '7', '8', '9']
    expect(documented(lib, 'KEYS')).toEqual(all)
    expect(used(lib, 'KEYS')).toEqual(all)
    expect(lib.code).toContain(`local FIXED_KEYS = ${all.length}`)
  })

  it('documents the time, and uses it', () => {
    expect(documented(lib, 'ARGV')).toEqual(['1'])
    expect(used(lib, 'ARGV')).toEqual(['1'])
  })
})

describe('limits', () => {
  it('documents the keys that it knows beside those of all, in order, and uses each', () => {
    const limits = read('limits')
    const all = ['10', '11', '12', '13']

    expect(documented(limits, 'KEYS')).toEqual(all)
    expect(used(limits, 'KEYS')).toEqual(all)
    expect(limits.code).toContain('FIXED_KEYS = 13')
  })
})

describe.each(scripts)('%s', (name) => {
  const script = read(name)
  const wrapper = readFileSync(`${folder}/${name}.ts`, 'utf8')

  it('begins with what it does and says what it returns', () => {
    for (const word of name.split('-')) expect(script.header[0]?.toLowerCase()).toContain(word)
    expect(script.header.filter((line) => line.startsWith('Returns '))).toHaveLength(1)
  })

  it('documents each argument that it uses, and no other', () => {
    const given = documented(script, 'ARGV')

    expect(given).toEqual(used(script, 'ARGV'))
  })

  it('documents the keys beyond the fixed ones where it uses any, and none that every script has', () => {
    const uses = /KEYS\[FIXED_KEYS \+|FIXED_KEYS \+ 1, #KEYS|KEYS\[tonumber\(index\)\]/.test(script.code)

    const first = librariesOf(wrapper).includes('limits') ? 14 : 10
    // Either so many of a kind, or each by its name.
    const named = used(script, 'KEYS')

    expect(documented(script, 'KEYS')).toEqual(uses ? [`${first} ...`] : named)
    expect(named.filter((key) => uses || Number(key) < first)).toEqual([])
  })

  it('takes apart what follows per task as documented', () => {
    const {listed, taken, size, from} = perItem(script)

    expect(taken).toEqual(listed)
    expect(size).toBe(listed.length)
    if (listed.length > 0) expect(documented(script, 'ARGV')).toContain(`${from} ...`)
  })

  it('derives no key from its arguments, unless those are too many to name', () => {
    const derived = /redis\.call\('[A-Z]+', [^,)]*\.\./.test(script.code)

    expect(derived).toBe(['claim', 'tallies'].includes(name))
  })

  it('reads no clock, file or chance of its own', () => {
    expect(script.code).not.toMatch(/\b(os|io|debug)\.|math\.random|'TIME'|loadstring|require\b/)
    expect(script.code).not.toMatch(/redis\.call\('(KEYS|SCAN|FLUSH\w*|RANDOMKEY|EVAL)'/)
  })

  it('has no global variable', () => {
    const assigned = [...script.code.matchAll(/^\s*([a-zA-Z_][\w]*(?:, [a-zA-Z_]\w*)*) = /gm)].flatMap(([, names]) =>
      names!.split(', '),
    )
    const locals = [
      ...[...['lib', ...librariesOf(wrapper)].map((library) => read(library).code), script.code]
        .join('\n')
        .matchAll(/(?:local (?:function )?|for |function \w*\(|function [\w.]*\()([\w, ]+)/g),
    ]
    const known = new Set(locals.flatMap(([, names]) => names!.split(/, ?/).map((each) => each.trim().split(' ')[0]!)))

    expect(assigned.filter((variable) => !known.has(variable))).toEqual([])
  })

  it('is short', () => {
    expect(readFileSync(`${folder}/${name}.lua`, 'utf8').split('\n').length).toBeLessThan(250)
    expect(wrapper.split('\n').length).toBeLessThan(150)
  })

  it('is run by its wrapper alone', () => {
    expect(wrapper).toMatch(new RegExp(`new Script<[^]*>\\('${name}'[,)]`))
    const others = files.filter((file) => file.endsWith('.ts') && file !== `${name}.ts`)
    for (const other of others) expect(readFileSync(`${folder}/${other}`, 'utf8')).not.toContain(`>('${name}')`)
  })
})
