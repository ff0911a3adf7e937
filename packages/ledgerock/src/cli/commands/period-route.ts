// Where the API has a month.

export function periodRoute(period: string): string {
  return `periods/${encodeURIComponent(period)}`
}
