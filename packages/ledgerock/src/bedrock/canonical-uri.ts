// The canonical URI of a path for Signature Version 4. Every service but S3 signs the path as it was sent, percent-encoded once
// more, with `.`, `..` and empty segments taken out first. Checked against the AWS signer in the test beside this file.
// Source: AWS IAM user guide, "Create a signed AWS API request", step 1.

const UNRESERVED = /^[A-Za-z0-9\-_.~/]*$/

/** `path` is what goes on the wire; a query string is not part of the canonical URI and is cut off. */
export function canonicalUri(path: string): string {
  const query = path.indexOf('?')
  const sent = query < 0 ? path : path.slice(0, query)
  const normal = isNormal(sent) ? sent : normalise(sent)
  if (UNRESERVED.test(normal)) return normal
  return encodeURIComponent(normal)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** True where normalising cannot change anything, which is every path of a recognised route. */
function isNormal(path: string): boolean {
  return path.startsWith('/') && !path.includes('//') && !path.includes('/.')
}

function normalise(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(segment)
  }
  const closing = kept.length > 0 && path.endsWith('/') ? '/' : ''
  return `${path.startsWith('/') ? '/' : ''}${kept.join('/')}${closing}`
}
