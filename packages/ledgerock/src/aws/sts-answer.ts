// Reads STS's answer to `GetCallerIdentity`, as JSON or as the XML it speaks by nature, and nothing else: a document with anything
// more or less in it, or an ARN that does not fit its account, is no answer.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html.

export type Answered = { readonly accountId: string; readonly principalArn: string }

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const MEMBERS = ['Account', 'Arn', 'UserId'] as const
const ROOT = new RegExp(
  [
    String.raw`^\s*(?:<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")? ?\?>\s*)?`,
    `<GetCallerIdentityResponse xmlns="${NAMESPACE}">\\s*`,
    String.raw`<GetCallerIdentityResult>\s*((?:<(?:Account|Arn|UserId)>[^<>]*<\/(?:Account|Arn|UserId)>\s*){3})`,
    String.raw`<\/GetCallerIdentityResult>\s*`,
    String.raw`(?:<ResponseMetadata>\s*<RequestId>[^<>]*<\/RequestId>\s*<\/ResponseMetadata>\s*)?`,
    String.raw`<\/GetCallerIdentityResponse>\s*$`,
  ].join(''),
)
const PRINCIPAL = /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):[\x21-\x7e]{1,1024}$/

/** Null where it is not the answer to that question. */
export function readCallerIdentity(contentType: string, body: string): Answered | null {
  const members = contentType.includes('json') ? membersOfJson(body) : membersOfXml(body)
  if (members === null) return null
  const { Account: accountId, Arn: principalArn } = members
  const [, account] = PRINCIPAL.exec(principalArn) ?? []
  return account === accountId ? { accountId, principalArn } : null
}

type Members = Readonly<Record<(typeof MEMBERS)[number], string>>

function membersOfXml(body: string): Members | null {
  const [, inner = ''] = ROOT.exec(body) ?? []
  const found = new Map<string, string>()
  for (const [, open = '', text = '', close] of inner.matchAll(/<(\w+)>([^<>]*)<\/(\w+)>/g)) {
    if (open !== close || found.has(open)) return null
    found.set(open, unescaped(text))
  }
  return wholeOf(Object.fromEntries(found))
}

function membersOfJson(body: string): Members | null {
  try {
    const { GetCallerIdentityResponse: response } = JSON.parse(body) as Record<string, unknown>
    const { GetCallerIdentityResult: result } = response as Record<string, unknown>
    return wholeOf(result as Record<string, unknown>)
  } catch {
    return null
  }
}

function wholeOf(found: Record<string, unknown>): Members | null {
  const isWhole =
    Object.keys(found).length === MEMBERS.length &&
    MEMBERS.every((name) => typeof found[name] === 'string')
  return isWhole ? (found as Members) : null
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
])

/** An entity nobody declared stays as it stands, and then the ARN is not one. */
function unescaped(text: string): string {
  return text.replaceAll(/&#?\w+;/g, (entity) => ENTITIES.get(entity) ?? ' ')
}
