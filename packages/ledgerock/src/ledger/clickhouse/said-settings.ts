// Which settings must be said with a statement. A server forgets them after each request; an embedded connection keeps them, and
// hearing all of them takes it longer than a small statement does, so there only what differs is said. After a failure nobody
// knows how much was heard, and everything is said again.

import type { Settings } from './settings.ts'

export type SaidSettings = {
  readonly toSay: (wanted: Settings) => Settings
  readonly failed: () => void
}

export function saidSettings(connection: 'keeps' | 'forgets'): SaidSettings {
  let said: Settings = {}
  return {
    toSay: (wanted) => {
      if (connection === 'forgets') return wanted
      const changed = Object.entries(wanted).filter(([name, value]) => said[name] !== value)
      said = { ...said, ...wanted }
      return Object.fromEntries(changed)
    },
    failed: () => {
      said = {}
    },
  }
}
