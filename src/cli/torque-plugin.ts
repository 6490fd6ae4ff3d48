import type {Command} from '@oclif/core/command'
import {Plugin} from '@oclif/core/config'
import type {Manifest, PJSON} from '@oclif/core/interfaces'

export interface PluginParts {
  /** The directory of the package. */
  root: string
  pjson: PJSON
  manifest: Manifest
  /** Loads a command; under each id of the manifest. */
  commands: Record<string, () => Promise<{default: Command.Class}>>
  /** The file that exports `commandNotFound`. */
  hookFile: string
}

/**
 * torque as oclif sees it: one plugin, of which all is known. Left to itself, oclif looks around for it at every start: for a
 * package.json in the directories above, plugins of the user's, rc files, commands.
 */
export function torquePlugin({root, pjson, manifest, commands, hookFile}: PluginParts): Plugin {
  const {name, version} = pjson
  const plugin = new Plugin({root, pjson, isRoot: true})
  const load = async (id: string): Promise<Command.Class> => {
    const module = await commands[id]?.()
    if (!module) throw new Error(`${id} is in the manifest and not among the commands`)
    return Object.assign(module.default, {id, plugin})
  }
  return Object.assign(plugin, {
    name,
    alias: name,
    version,
    root,
    pjson,
    manifest,
    type: 'core',
    isRoot: true,
    valid: true,
    hasManifest: true,
    commandIDs: Object.keys(manifest.commands),
    commands: Object.entries(manifest.commands).map(([id, cached]) => ({
      ...cached,
      pluginAlias: name,
      pluginType: 'core',
      load: () => load(id),
    })),
    hooks: {command_not_found: [{target: hookFile, identifier: 'commandNotFound'}]},
  })
}
