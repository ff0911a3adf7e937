// Structured logs on stderr, one JSON line per event. An event is a short constant name with plain fields; prompt text and
// credentials are never among them: callers pass facts, not requests.

import { pino, type Logger as PinoLogger } from 'pino'

export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>

export function createLogger(role: string, level: string): Logger {
  return pino(
    {
      level,
      base: { role, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      formatters: { level: (label) => ({ level: label }) },
      redact: ['authorization', 'key', 'secret', 'token', '*.authorization', '*.key', '*.secret'],
    },
    // Synchronous, so that the last line before a crash is not lost. Nothing is logged per call at the default level.
    pino.destination({ dest: 2, sync: true }),
  )
}
