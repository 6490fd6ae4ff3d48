import {readFile} from 'node:fs/promises'

import {findProgram} from './find-program.js'
import type {Environment} from './home.js'

/** The package managers by which a server can be had, by the name that os-release gives the system or the one it is like. */
const commands: Record<string, string> = {
  darwin: 'brew install valkey',
  debian: 'sudo apt-get install redis-server',
  ubuntu: 'sudo apt-get install redis-server',
  alpine: 'sudo apk add valkey',
  fedora: 'sudo dnf install valkey',
  rhel: 'sudo dnf install valkey',
  centos: 'sudo dnf install valkey',
  amzn: 'sudo dnf install valkey',
  arch: 'sudo pacman -S valkey',
  suse: 'sudo zypper install valkey',
  opensuse: 'sudo zypper install valkey',
  freebsd: 'sudo pkg install valkey',
}

/** The one command that puts an engine on this system's PATH. */
export function packageCommand(platform: string, osRelease: string): string {
  const names = platform === 'linux' ? distributionNames(osRelease) : [platform]
  const name = names.find((candidate) => candidate in commands)
  return (
    (name && commands[name]) ?? 'install valkey-server or redis-server, 6.2 or later, with the package manager of this system'
  )
}

/** What a user without an engine should type, on this machine. */
export async function installHint(env: Environment): Promise<string> {
  const command = await systemPackageCommand()
  return (await canInstall(env)) ? `torque redis install (needs no root), or: ${command}` : command
}

export async function systemPackageCommand(): Promise<string> {
  return packageCommand(process.platform, await readFile('/etc/os-release', 'utf8').catch(() => ''))
}

/** Whether `torque redis install` knows how to fetch an engine here: it takes the programs of Debian and its children. */
export async function canInstall(env: Environment): Promise<boolean> {
  const programs = await Promise.all(['apt-get', 'apt-cache', 'dpkg'].map((name) => findProgram(name, env)))
  return process.platform === 'linux' && programs.every((path) => path !== null)
}

/** `ID` first, then what it is like: `linuxmint`, `ubuntu`, `debian`. */
function distributionNames(osRelease: string): string[] {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1]?.split(' ') ?? []
  return [...value('ID'), ...value('ID_LIKE')].map((name) => (name.startsWith('opensuse') ? 'opensuse' : name))
}
