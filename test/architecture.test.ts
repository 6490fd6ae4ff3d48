import {readFileSync, readdirSync} from 'node:fs'
import {describe, expect, it} from 'vitest'

/** Which folders of src each folder may import besides itself; a file at the top of src counts as `.`. */
const allowed: Record<string, readonly string[]> = {
  '.': [],
  task: ['.'],
  queue: ['.', 'task'],
  embedded: ['.'],
  dispatch: ['.', 'task', 'queue'],
  http: ['.', 'task', 'queue'],
  serve: ['.', 'task', 'queue', 'dispatch', 'http', 'embedded'],
  client: ['.', 'task'],
  cli: ['.', 'task', 'queue', 'embedded'],
  commands: ['.', 'task', 'queue', 'embedded', 'serve', 'client', 'cli'],
}

/** What a single file may import beyond its folder's share. */
const exceptions: Record<string, readonly string[]> = {
  // The public face of the client library, and the types it speaks in.
  'index.ts': ['client', 'type task'],
  // What bin/ runs.
  'main.ts': ['cli', 'commands'],
  // The type of what the flags of `serve` become.
  'cli/serve/serve-options.ts': ['type serve'],
  'cli/serve/serve-access.ts': ['type serve'],
  'cli/serve/listen-flags.ts': ['type serve'],
  'cli/serve/signing-secrets.ts': ['type serve'],
}

/** Where each package may be imported: a folder, or one file. A package that is not here is not used. */
const packages: Record<string, readonly string[]> = {
  ioredis: ['queue', 'embedded'],
  fastify: ['http', 'serve'],
  pino: ['log.ts'],
  'ipaddr.js': ['task', 'dispatch'],
  croner: ['task'],
  '@oclif/core': ['cli', 'commands', 'main.ts'],
  chalk: ['cli', 'commands'],
  'cli-table3': ['cli', 'commands'],
}

/** Below these, flags and settings are passed in. */
const readsEnvironment = ['cli', 'commands', 'client/settings.ts']

const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((file) => ending.test(file))
const sources = filesIn('src', /\.ts$/)
const folderOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : '.')
const isIn = (file: string, places: readonly string[]) => places.includes(file) || places.includes(folderOf(file))

/** Without comments, so that prose breaks no rule. */
const codeOf = (file: string) => readFileSync(`src/${file}`, 'utf8').replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '')

interface Import {
  path: string
  typeOnly: boolean
}

/** Static, dynamic, re-exporting and bare imports alike. */
function importsOf(file: string): Import[] {
  const statement = /\b(import|export)\s+(type\s)?(?:[^'";()]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"`]([^'"`]+)['"`]/g
  return [...codeOf(file).matchAll(statement)].map(([, , type, path, dynamic]) => ({
    path: path ?? dynamic!,
    typeOnly: type !== undefined,
  }))
}

const targetOf = (file: string, path: string) => new URL(path, `file:///${file}`).pathname.slice(1).replace(/\.js$/, '.ts')

/** Undefined for a file of ours and for what is built in. */
function packageOf({path}: Import): string | undefined {
  if (/^(\.|node:)/.test(path)) return undefined
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Every import of every file that breaks the rule, as a reader can find it. */
const offenders = (files: readonly string[], breaks: (file: string, imported: Import) => boolean) =>
  files.flatMap((file) =>
    importsOf(file)
      .filter((imported) => breaks(file, imported))
      .map(({path}) => `${file} → ${path}`),
  )

const isRelative = ({path}: Import) => path.startsWith('.')

describe('imports', () => {
  it('are found, whichever way they are written', () => {
    expect(importsOf('cli/redis/locate-redis.ts').map(({path}) => path)).toContain('../../embedded/find-engine.js')
    expect(importsOf('log.ts').map(({path}) => path)).toContain('pino')
    expect(importsOf('queue/scripts/add.ts')).toContainEqual({path: '../../task/task.js', typeOnly: true})
  })

  it('go only to the folders that a folder may know', () => {
    const wrong = offenders(sources, (file, imported) => {
      if (!isRelative(imported)) return false
      const [from, to] = [folderOf(file), folderOf(targetOf(file, imported.path))]
      const mayImport = [from, ...(allowed[from] ?? []), ...(exceptions[file] ?? [])]
      return !mayImport.includes(to) && !(imported.typeOnly && mayImport.includes(`type ${to}`))
    })

    expect(wrong).toEqual([])
  })

  it('name a file that is there, as it is called once compiled', () => {
    const wrong = offenders(sources, (file, imported) => {
      return isRelative(imported) && !(imported.path.endsWith('.js') && sources.includes(targetOf(file, imported.path)))
    })

    expect(wrong).toEqual([])
  })

  it('take packages only where they belong', () => {
    const wrong = offenders(sources, (file, imported) => {
      const name = packageOf(imported)
      return name !== undefined && !isIn(file, packages[name] ?? [])
    })

    expect(wrong).toEqual([])
  })

  it('go round in no circle', () => {
    const done = new Set<string>()
    const visit = (file: string, above: readonly string[]) => {
      expect(above, [...above, file].join(' → ')).not.toContain(file)
      if (done.has(file)) return
      for (const imported of importsOf(file).filter(isRelative)) {
        if (!imported.typeOnly) visit(targetOf(file, imported.path), [...above, file])
      }
      done.add(file)
    }

    for (const file of sources) visit(file, [])
  })
})

describe('task/', () => {
  const files = sources.filter((file) => folderOf(file) === 'task')

  it('is pure: no clock, chance or world of its own', () => {
    const wrong = offenders(files, (_file, {path}) => path.startsWith('node:') && !/^node:(crypto|http|net|url|util)$/.test(path))
    const impure = /Date\.now\(|new Date\(\)|Math\.random\(|performance\.|setTimeout|setImmediate|\bfetch\(/

    expect([...wrong, ...files.filter((file) => impure.test(codeOf(file)))]).toEqual([])
  })

  it('takes names and checks from node:http and node:net, and makes no connection', () => {
    const taken = files.flatMap((file) =>
      [...codeOf(file).matchAll(/import\s([^'"]+)\sfrom 'node:(?:http|net)'/g)].map(([, names]) => names),
    )

    expect(taken.filter((names) => !/^\{(STATUS_CODES|isIP(v[46])?|BlockList|[,\s])+\}$/.test(names!))).toEqual([])
  })
})

describe('source', () => {
  it('reads the environment only where flags and settings are read', () => {
    const reading = sources.filter((file) => /process\.(env|argv)/.test(codeOf(file)))

    expect(reading.filter((file) => !isIn(file, readsEnvironment))).toEqual([])
  })

  it('exports by name, unless oclif wants it otherwise', () => {
    const byDefault = sources.filter((file) => /^export default /m.test(codeOf(file)))

    expect(byDefault.filter((file) => !/^(commands|cli\/hooks)\//.test(file))).toEqual([])
  })
})

describe('files', () => {
  const all = ['src', 'test', 'bin', 'scripts', 'bench', 'chaos', 'examples'].flatMap((folder) =>
    filesIn(folder, /\.(ts|js|lua)$/)
      .filter((file) => !file.includes('node_modules'))
      .map((file) => `${folder}/${file}`),
  )

  it('stay under 250 lines', () => {
    const long = all.filter((file) => readFileSync(file, 'utf8').trimEnd().split('\n').length >= 250)

    expect(long).toEqual([])
  })

  it('have names of lower-case words', () => {
    expect(all.filter((file) => !/^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|js|lua)$/.test(file))).toEqual(
      [],
    )
  })
})
