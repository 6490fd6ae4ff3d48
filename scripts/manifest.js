// Prints what belongs into oclif.manifest.json, which spares every start from loading all commands to learn their names and
// flags. `node scripts/manifest.js [ROOT]`: of the compiled commands below ROOT, the checkout itself when absent.
// The oclif development tool would do it too, with 220 packages.
import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core/config'

const root = resolve(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)))

const plugin = new Plugin({root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
await plugin.load()

const {version, commands} = plugin.manifest
if (Object.keys(commands).length === 0) throw new Error(`no commands in ${root}`)
const sorted = Object.fromEntries(Object.entries(commands).sort(([a], [b]) => (a < b ? -1 : 1)))
process.stdout.write(`${JSON.stringify({commands: sorted, version}, null, 2)}\n`)
