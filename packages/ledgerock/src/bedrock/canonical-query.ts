// The canonical query string of a path for Signature Version 4: parameters sorted by name, then by value, each with its equals
// sign. Names and values are taken as they were sent, percent-encoded. Checked against the AWS signer in the test beside this file.

/** Stands for the equals sign while sorting: it is below every character of a name, so that `a=` comes before `a1=`. */
const END_OF_NAME = '\0'

export function canonicalQuery(path: string): string {
  const query = path.indexOf('?')
  if (query < 0 || query === path.length - 1) return ''
  return path
    .slice(query + 1)
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => (parameter.includes('=') ? parameter : `${parameter}=`))
    .map((parameter) => parameter.replace('=', END_OF_NAME))
    .toSorted()
    .map((parameter) => parameter.replace(END_OF_NAME, '='))
    .join('&')
}
