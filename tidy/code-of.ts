// A file's code without its words: for checks that must not take a comment or a text for code.

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//
const QUOTED = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/
/** With one level of nesting inside `${…}`, which is as deep as anybody should go. */
const TEMPLATE = /`(?:\\[\s\S]|\$\{(?:[^{}`]|\{[^{}]*\}|`[^`]*`)*\}|[^`\\])*`/
/** A slash begins a regular expression where a value may begin, and a division elsewhere. */
const REGULAR_EXPRESSION =
  /(?<=(?:[=(,:[!&|?;{}\n]|=>|return)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*/

const WORDS = new RegExp(
  [COMMENT, QUOTED, TEMPLATE, REGULAR_EXPRESSION].map(({ source }) => source).join('|'),
  'g',
)

/** The same text with comments, texts and regular expressions blanked out; lines stay where they are. */
export function codeOf(text: string): string {
  return text.replace(WORDS, (found) => found.replaceAll(/[^\n]/g, ' '))
}
