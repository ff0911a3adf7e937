// What was metered, as the bill can be laid beside it: by the hour, by all that decides a price, by who is billed and by owner. And who
// was seen calling. All of it is plain data; the sums are over calls in force that were sent upstream.

export type MeteredUseQuestion = {
  readonly fromMs: number
  readonly toMs: number
  /** Of the page before; null: the first page. */
  readonly cursor: string | null
  readonly limit: number
}

/** What one owner used of one kind within an hour, in a cell in which one price holds. */
export type MeteredUseRow = {
  /** The account that is billed; null: not known. */
  readonly account_id: string | null
  readonly region: string
  /** Where the model was not known: the id that was asked for. */
  readonly model_id: string
  readonly kind: string
  readonly scope: string | null
  readonly tier: string
  /** What sells at a price of its own within the kind; empty for most, and where the rate is not known any more. */
  readonly sort: string
  /** The ARN that is billed; empty: not known. */
  readonly principal: string
  /** ISO, its beginning. */
  readonly hour: string
  /** Known dimensions only, and never the user. */
  readonly owner: Readonly<Record<string, string>>
  /** Whole units of the kind. */
  readonly tokens: number
  /** Of them: those of calls whose counts are an estimate. */
  readonly estimated_tokens: number
  /** Null: of calls without a price, which are rows of their own. */
  readonly usd: string | null
}

export type MeteredUsePage = {
  readonly items: readonly MeteredUseRow[]
  readonly next_cursor: string | null
}

export type PrincipalsQuestion = { readonly fromMs: number; readonly toMs: number }

export type PrincipalSeen = {
  /** ARN of who called; empty: not known. */
  readonly principal: string
  /** ARN of who is billed; empty: not known. */
  readonly billed_principal: string
  readonly via: string
  readonly account_id: string | null
  readonly key_names: readonly string[]
  readonly environments: readonly string[]
  readonly calls: number
  readonly tokens: number
  /** Of calls that have a price. */
  readonly usd: string
  readonly unpriced_calls: number
  /** ISO. */
  readonly first_use: string
  readonly last_use: string
  /** Those with most tokens first; `unknown` is one like any other. */
  readonly teams: readonly {
    readonly team: string
    readonly tokens: number
    readonly calls: number
  }[]
  /** Sessions of the same role that called in this time; zero where the caller is no session. */
  readonly sessions: number
  /** The same of the role that is billed. */
  readonly billed_sessions: number
}

export type PrincipalsSeen = {
  /** Those with most tokens first. */
  readonly items: readonly PrincipalSeen[]
  /** So many more were seen than an answer has room for. */
  readonly left_out: number
}

/** What a rate is for within its kind, as the bill's side says it; empty: nothing special, or not known any more. */
export type SortOfRate = (rateId: string) => string

export type MeteredBooks = {
  readonly meteredUse: (question: MeteredUseQuestion) => Promise<MeteredUsePage>
  readonly principalsSeen: (question: PrincipalsQuestion) => Promise<PrincipalsSeen>
}
