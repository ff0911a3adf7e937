// Instants as people write them: a day, which begins at midnight UTC, or a time with its offset. A time without an offset is
// refused, because it would mean another instant on another machine.

const DAY = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/

/** Milliseconds since the epoch, or null where the text is not an instant. */
export function parseInstant(text: string): number | null {
  const day = DAY.test(text) ? text : TIME.exec(text)?.[1]
  if (day === undefined || !isDay(day)) return null
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}

/** Not the 30th of February, which `Date.parse` takes for the 2nd of March. */
function isDay(text: string): boolean {
  const ms = Date.parse(text)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
