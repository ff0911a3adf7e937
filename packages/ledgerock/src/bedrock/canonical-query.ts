// The canonical query string of a path for Signature Version 4: parameters sorted by name, each with its equals sign. Names and
// values are taken as they were sent, percent-encoded.

export function canonicalQuery(path: string): string {
  const query = path.indexOf('?')
  if (query < 0 || query === path.length - 1) return ''
  return path
    .slice(query + 1)
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => (parameter.includes('=') ? parameter : `${parameter}=`))
    .toSorted()
    .join('&')
}
