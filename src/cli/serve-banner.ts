export interface ServeBanner {
  version: string
  /** Absent: it does not listen. */
  url: string | undefined
}

/** What a person sees first: where torque is, and what to type next. */
export function serveBanner({version, url}: ServeBanner): string {
  const lines = [
    `torque ${version}${url ? ` takes tasks on ${url}` : ' delivers'}; Ctrl-C stops it, and running calls finish first.`,
    ...(url ? ['Add one:     torque add http://localhost:8091/hooks/do/foo --param foo=somevalue'] : []),
    'See them:    torque list, torque show ID, torque stats',
  ]
  return lines.join('\n')
}
