#!/usr/bin/env node
// Runs from src, without a build: for working on torque itself.
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core/config'
import {register} from 'tsx/esm/api'

register()
const {main} = await import('../src/main.js')

const root = fileURLToPath(new URL('..', import.meta.url))
const pjson = JSON.parse(readFileSync(`${root}package.json`, 'utf8').replaceAll('./dist/', './src/'))
// The manifest in the checkout tells of the last build.
const plugin = new Plugin({root, pjson, isRoot: true, ignoreManifest: true})
await plugin.load()
process.env.NODE_ENV = 'development'
await main(root, plugin.manifest)
