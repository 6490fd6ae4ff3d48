#!/usr/bin/env node
// Runs from src, without a build: for working on torque itself.
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core/config'
import {execute} from '@oclif/core/execute'
import {register} from 'tsx/esm/api'

register()
await import('../src/cli/guard-streams.ts')

const root = fileURLToPath(new URL('..', import.meta.url))
const pjson = JSON.parse(readFileSync(`${root}package.json`, 'utf8').replaceAll('./dist/', './src/'))
// The manifest tells of the last build, and names its files.
const plugin = new Plugin({root, pjson, isRoot: true, ignoreManifest: true})
await plugin.load()
await execute({development: true, loadOptions: {root, pjson, plugins: new Map([[plugin.name, plugin]])}})
