// Text for a spreadsheet: what it would run as a formula gets a leading apostrophe, as OWASP advises (CSV injection). Values come from
// callers and from tags, and a report must not execute them.

/** Full-width forms are read as their plain ones by some spreadsheets. */
const FORMULA_START = /^[=+\-@\t\r\n\0＝＋－＠]/

export function guardFormula(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text
}
