// Commands that are promised and not there yet: they are named as such instead of as typing mistakes.

export const LATER_COMMANDS: readonly string[] = [
  'coverage',
  'audit',
  'anomalies',
  'forecast',
  'advise',
  'setup',
  'doctor',
  'backup',
  'restore',
  'erase',
]
