import {createHash} from 'node:crypto'
import {mkdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'

import {findProgram} from '../../src/embedded/find-program.js'
import {runProgram} from '../../src/embedded/run-program.js'

interface FakePackage {
  name: string
  version: string
  depends?: string
  /** Path in the package → text of a program. */
  files: Record<string, string>
}

/** Whether packages can be made and read on this machine. */
export async function hasAptTools(): Promise<boolean> {
  const programs = await Promise.all(['apt-get', 'apt-cache', 'dpkg', 'dpkg-deb'].map((name) => findProgram(name, process.env)))
  return programs.every((path) => path)
}

/** Makes a package repository in a directory, and the apt settings under which it is the only source. Resolves to their path. */
export async function makeRepository(dir: string, packages: FakePackage[]): Promise<string> {
  const repository = join(dir, 'repository')
  await mkdir(repository, {recursive: true})
  const entries = []
  for (const item of packages) entries.push(await makePackage(repository, item))
  await writeFile(join(repository, 'Packages'), entries.join('\n'))
  await writeFile(join(dir, 'sources.list'), `deb [trusted=yes] file:${repository} ./\n`)
  await writeFile(join(dir, 'status'), '')
  const settings = {
    'Dir::Etc::sourcelist': join(dir, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State::status': join(dir, 'status'),
  }
  const path = join(dir, 'apt.conf')
  await writeFile(
    path,
    Object.entries(settings)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(''),
  )
  return path
}

async function makePackage(repository: string, {name, version, depends, files}: FakePackage): Promise<string> {
  const root = join(repository, name)
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Nobody\n${depends ? `Depends: ${depends}\n` : ''}Description: pretended\n`
  await mkdir(join(root, 'DEBIAN'), {recursive: true})
  await writeFile(join(root, 'DEBIAN', 'control'), control)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), {recursive: true})
    await writeFile(join(root, path), text, {mode: 0o755})
  }
  const deb = `${name}.deb`
  const built = await runProgram('dpkg-deb', ['--build', '--root-owner-group', name, deb], {env: process.env, cwd: repository})
  if (built.code !== 0) throw new Error(built.stderr)
  const bytes = await readFile(join(repository, deb))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return `${control}Filename: ./${deb}\nSize: ${bytes.length}\nSHA256: ${sha256}\n`
}
