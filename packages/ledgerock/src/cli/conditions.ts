// `--where k=v[,v2]`: repeated means and, a comma means or. Checked here only for its form; which fields exist the API knows.

import { InvalidArgumentError } from 'commander'

const CONDITION = /^[A-Za-z][A-Za-z0-9_.-]*=.+$/s

export function collectCondition(text: string, earlier: readonly string[] = []): readonly string[] {
  if (!CONDITION.test(text)) {
    throw new InvalidArgumentError('It must be field=value or field=value,value.')
  }
  return [...earlier, text]
}

/** `team=search,environment=prod`, where each name may stand once. */
export function readAssignments(text: string): Readonly<Record<string, string>> {
  const assignments: Record<string, string> = {}
  for (const part of text.split(',')) {
    const [name = '', ...rest] = part.split('=')
    const value = rest.join('=').trim()
    const key = name.trim()
    if (key === '' || value === '') {
      throw new InvalidArgumentError('It must be name=value,name=value.')
    }
    if (Object.hasOwn(assignments, key)) throw new InvalidArgumentError(`${key} is there twice.`)
    assignments[key] = value
  }
  return assignments
}

export function wholeNumberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}
