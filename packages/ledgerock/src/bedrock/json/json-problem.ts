// Why a JSON document was not read to its end.

export const JSON_PROBLEMS = ['malformed', 'too_deep', 'too_large'] as const
export type JsonProblem = (typeof JSON_PROBLEMS)[number]

export const DEPTH_MAX = 128
