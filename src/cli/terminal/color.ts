export interface ColorOptions {
  /** The flag `--no-color`. */
  noColor: boolean
  env: NodeJS.ProcessEnv
  stream: {isTTY?: boolean | undefined}
}

/** Whether this stream gets colour. Decided once per stream, first match wins: flag, FORCE_COLOR, NO_COLOR, TERM=dumb, terminal or not. */
export function wantsColor({noColor, env, stream}: ColorOptions): boolean {
  if (noColor) return false
  if (env['FORCE_COLOR']) return !['0', 'false'].includes(env['FORCE_COLOR'])
  if (env['NO_COLOR'] || env['TERM'] === 'dumb') return false
  return stream.isTTY === true
}

const names = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const

/** The few styles in use; each gives the text back as it is where the stream wants no colour. */
export type Styles = Record<(typeof names)[number], (text: string) => string>

const plain = Object.fromEntries(names.map((name) => [name, (text: string) => text])) as Styles

/** chalk is loaded only where there is something to colour: it looks at the environment by itself, so its level is set here. */
export async function loadStyles(color: boolean): Promise<Styles> {
  if (!color) return plain
  const {Chalk} = await import('chalk')
  return new Chalk({level: 1})
}
