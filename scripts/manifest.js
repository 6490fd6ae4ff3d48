// Writes oclif.manifest.json, which spares every start from loading all commands to learn their names and flags.
// The oclif development tool would do it too, with 220 packages.
import {writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core/config'

const root = fileURLToPath(new URL('..', import.meta.url))

const plugin = new Plugin({root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
await plugin.load()

const {version, commands} = plugin.manifest
const sorted = Object.fromEntries(Object.entries(commands).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(new URL('../oclif.manifest.json', import.meta.url), `${JSON.stringify({commands: sorted, version}, null, 2)}\n`)
