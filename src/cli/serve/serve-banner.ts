export interface ServeBanner {
  version: string
  /** Absent: it does not listen. */
  url?: string | undefined
  /** The unix socket it listens on. */
  socket?: string | undefined
  workers: number
}

/** What a person sees first: where torque is, and what to type next. */
export function serveBanner({version, url, socket, workers}: ServeBanner): string {
  const places = [url, socket].filter((place) => place !== undefined)
  const does = places.length > 0 ? `takes tasks on ${places.join(' and ')}` : 'delivers'
  const how = workers > 1 ? ` with ${workers} workers` : ''
  const lines = [
    `torque ${version} ${does}${how}; Ctrl-C stops it, and running calls finish first.`,
    ...(places.length > 0 ? ['Add one:     torque add http://localhost:8091/hooks/do/foo --param foo=somevalue'] : []),
    'See them:    torque list, torque show ID, torque stats',
  ]
  return lines.join('\n')
}
