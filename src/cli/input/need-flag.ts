import {TorqueError} from '../../errors.js'

/** Refuses a flag that means nothing without another one. oclif's `dependsOn` takes a boolean's default for the flag itself. */
export function needFlag<Flags extends object>(flags: Flags, name: keyof Flags & string, needed: keyof Flags & string): void {
  if (isGiven(flags[name]) && !isGiven(flags[needed])) throw new TorqueError('usage', `--${name} goes with --${needed} only`)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false
}
