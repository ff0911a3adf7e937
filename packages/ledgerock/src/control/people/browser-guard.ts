// Keeps other web pages from acting through a browser that is logged in here. Host must be one of ours (a rebound DNS name is
// not), and a request that carries the cookie must come from our own page. Bearer tokens need none of this: no browser adds them.

export type BrowserRequest = {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site`, which no page can forge. */
  readonly site: string | undefined
}

const READS = new Set(['GET', 'HEAD'])
const OWN_SITE = new Set(['same-origin', 'none'])

/** Why the request may not use a cookie, or null. `origins`: every `scheme://host:port` this server is reached by. */
export function browserRefusal(request: BrowserRequest, origins: readonly string[]): string | null {
  const hosts = new Set(origins.map((origin) => new URL(origin).host))
  if (request.host === undefined || !hosts.has(request.host.toLowerCase())) {
    return 'the Host header names no address of this server'
  }
  if (request.origin !== undefined && !origins.includes(request.origin)) {
    return 'the request comes from a page of another origin'
  }
  if (request.site !== undefined && !OWN_SITE.has(request.site)) {
    return 'the request comes from a page of another site'
  }
  if (!READS.has(request.method) && request.origin === undefined) {
    return 'a change needs the Origin header'
  }
  return null
}
