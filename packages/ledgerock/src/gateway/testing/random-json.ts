// Any valid JSON as bytes, written as no serialiser writes it: white space anywhere, the same key twice, numbers no double can
// hold, escapes of halves of characters, nesting down to the limit. As text, because parsed it would be something else already.

import fc from 'fast-check'

const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n', '   ')
const number = fc.oneof(
  fc.integer().map(String),
  fc.constantFrom('-0', '1e400', '-1E-999', '123456789012345678901234567890', '0.1e+1', '9.0'),
)
const string = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => {
        return JSON.stringify(text.isWellFormed() ? text : 'x').slice(1, -1)
      }),
      fc.constantFrom('\\u0000', '\\ud83d', '\\/', '\\"', '😀', '\u2028', '\\u00e9', '\\\\', '}'),
    ),
    { maxLength: 4 },
  )
  .map((parts) => `"${parts.join('')}"`)
/** None that is accounted for, however it is written; some of them alike once they are read. */
const key = fc.constantFrom('"a"', '"a"', '"\\u0061"', '"note"', '"äöü"', '""', '"x y"', '"😀"')

function member(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(space, key, space, space, value, space)
    .map(
      ([before, name, after, inner, text, end]) => `${before}${name}${after}:${inner}${text}${end}`,
    )
}

const value: fc.Arbitrary<string> = fc.letrec<{ readonly any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.constantFrom('true', 'false', 'null'),
    number,
    string,
    fc
      .array(fc.tuple(space, tie('any'), space), { maxLength: 4 })
      .map((items) => `[${items.map((parts) => parts.join('')).join(',')}]`),
    fc.array(member(tie('any')), { maxLength: 4 }).map((members) => `{${members.join(',')}}`),
  ),
})).any

const deep = fc
  .integer({ min: 1, max: 126 })
  .map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`)

/** An object with these members, as text, somewhere among others. */
export function objectWith(wanted: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.array(
        fc.oneof({ weight: 9, arbitrary: member(value) }, { weight: 1, arbitrary: member(deep) }),
        {
          maxLength: 5,
        },
      ),
      fc.array(fc.nat(5), { minLength: wanted.length, maxLength: wanted.length }),
      space,
      space,
    )
    .map(([others, places, before, after]) => {
      const members = [...others]
      for (const [index, text] of wanted.entries()) {
        members.splice(Math.min(places[index] ?? 0, members.length), 0, text)
      }
      return `${before}{${members.join(',')}}${after}`
    })
}

/** Any document, not only objects. */
export const document = fc.oneof(
  { weight: 4, arbitrary: objectWith([]) },
  { weight: 1, arbitrary: fc.tuple(space, value, space).map((parts) => parts.join('')) },
)
