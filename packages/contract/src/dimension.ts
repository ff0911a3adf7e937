// The dimensions every installation has. More are declared in the configuration.

export const DEFAULT_DIMENSIONS = [
  'team',
  'application',
  'environment',
  'cost_center',
  'feature',
  'workflow_id',
  'tenant_id',
  'user_id',
] as const

/** The value of a dimension nobody named. It is a row of its own in every report, never left out. */
export const UNKNOWN = 'unknown'

/** Stands for every value past a dimension's `max_values`. */
export const OVERFLOW = '__overflow__'
