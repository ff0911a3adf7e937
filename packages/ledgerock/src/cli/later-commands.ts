// Commands that are promised and not there yet: they are named as such instead of as typing mistakes.

export const LATER_COMMANDS: readonly string[] = [
  'demo',
  'import',
  'imports',
  'principals',
  'coverage',
  'reconcile',
  'statement',
  'period',
  'audit',
  'owners',
  'anomalies',
  'forecast',
  'advise',
  'setup',
  'doctor',
  'export',
  'backup',
  'restore',
  'erase',
]
