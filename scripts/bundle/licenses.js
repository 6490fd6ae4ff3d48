// The licences of the packages in a bundle: who passes a copy on passes these on with it.
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

const directory = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/

/** As one text. `results` are esbuild's, with metafile; their paths are relative to `root`. Throws for a package without a licence. */
export function licensesOf(results, root) {
  const inputs = results.flatMap(({metafile}) => Object.keys(metafile.inputs))
  const packages = new Set(inputs.flatMap((path) => directory.exec(path) ?? []))
  const sections = [...packages].map((path) => section(join(root, path))).toSorted()
  return ['torque.cjs and ioredis.cjs contain these packages, under these licences.\n', ...sections].join(
    `\n${'-'.repeat(80)}\n\n`,
  )
}

function section(dir) {
  const {name, version, license} = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))
  const file = readdirSync(dir).find((entry) => /^licen[cs]e/i.test(entry))
  if (!file) throw new Error(`no licence in ${dir}: whoever gets the bundle must get it, too`)
  return `${name} ${version} (${license})\n\n${readFileSync(join(dir, file), 'utf8').trim()}\n`
}
