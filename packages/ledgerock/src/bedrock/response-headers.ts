// Headers of Bedrock's answer as an HTTP client hands them over: lower-case names, a list where one was repeated.

export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** The first value of a header. */
export function headerOf(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value[0] : value
}
