// The `Authorization` header of a signed request (AWS Signature Version 4) taken apart: who claims to have signed what. It is
// read as AWS reads it: the three parts in any order, with or without spaces after the commas, each exactly once. Nothing here
// is believed yet.
// Source: AWS IAM user guide, "Create a signed AWS API request" and "Authentication methods".

export type SignatureClaim = {
  readonly accessKeyId: string
  /** `20261014` */
  readonly day: string
  readonly region: string
  readonly service: string
  /** As sent, which is how it is signed. */
  readonly signedHeaders: string
  /** The same taken apart: lower-case, ascending, each once. */
  readonly signedNames: readonly string[]
  /** 64 lower-case hex digits. */
  readonly signature: string
}

export const SIGV4_SCHEME = 'AWS4-HMAC-SHA256'
const TERMINATOR = 'aws4_request'
const SIGNATURE_CHARS = 64
const DAY_CHARS = 8
/** No name of a region or service is longer; the scope is the name under which a derived key is kept. */
const SCOPE_PART_CHARS_MAX = 32

/** Whether the header is of this scheme at all, whole or not. */
export function isSigV4(authorization: string): boolean {
  return (
    authorization.startsWith(SIGV4_SCHEME) && isBlank(authorization.charCodeAt(SIGV4_SCHEME.length))
  )
}

/** Null where a part is missing, stands twice or has not its form. */
export function parseSignatureClaim(authorization: string): SignatureClaim | null {
  if (!isSigV4(authorization)) return null
  let credential: string | null = null
  let signedHeaders: string | null = null
  let signature: string | null = null
  for (const part of authorization.slice(SIGV4_SCHEME.length).split(',')) {
    const text = part.trim()
    const equals = text.indexOf('=')
    const value = text.slice(equals + 1)
    switch (text.slice(0, Math.max(equals, 0))) {
      case 'Credential':
        if (credential !== null) return null
        credential = value
        break
      case 'SignedHeaders':
        if (signedHeaders !== null) return null
        signedHeaders = value
        break
      case 'Signature':
        if (signature !== null) return null
        signature = value
        break
      default:
        return null
    }
  }
  if (credential === null || signedHeaders === null || signature === null) return null
  return claimOf(credential, signedHeaders, signature)
}

function claimOf(
  credential: string,
  signedHeaders: string,
  signature: string,
): SignatureClaim | null {
  const [accessKeyId = '', day = '', region = '', service = '', terminator, ...more] =
    credential.split('/')
  const signedNames = signedHeaders.split(';')
  const isWhole =
    accessKeyId !== '' &&
    isDigits(day, DAY_CHARS) &&
    isScopePart(region) &&
    isScopePart(service) &&
    terminator === TERMINATOR &&
    more.length === 0 &&
    isAscending(signedNames) &&
    isHex(signature, SIGNATURE_CHARS)
  if (!isWhole) return null
  return { accessKeyId, day, region, service, signedHeaders, signedNames, signature }
}

/** AWS sorts the names by their characters' codes; sorted and without repetition there is one text for one set of names. */
function isAscending(names: readonly string[]): boolean {
  let before = ''
  for (const name of names) {
    if (name <= before || !isHeaderName(name)) return false
    before = name
  }
  return true
}

/** Visible ASCII without capitals: enough to keep a name from being mistaken for the end of its line. */
function isHeaderName(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at)
    const isCapital = code >= 0x41 && code <= 0x5a
    if (code <= 0x20 || code >= 0x7f || isCapital || (code === 0x3a && at > 0)) return false
  }
  return true
}

/** `us-east-1`, `bedrock`: lower-case letters, digits and dashes. */
function isScopePart(text: string): boolean {
  if (text.length === 0 || text.length > SCOPE_PART_CHARS_MAX) return false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    const isLetter = code >= 0x61 && code <= 0x7a
    if (!isLetter && !isDigit(code) && code !== 0x2d) return false
  }
  return true
}

export function isDigits(text: string, length: number): boolean {
  if (text.length !== length) return false
  for (let at = 0; at < length; at += 1) {
    if (!isDigit(text.charCodeAt(at))) return false
  }
  return true
}

/** Lower-case hex, as every signer writes it. */
export function isHex(text: string, length: number): boolean {
  if (text.length !== length) return false
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at)
    if (!isDigit(code) && !(code >= 0x61 && code <= 0x66)) return false
  }
  return true
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
