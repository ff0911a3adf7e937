// What the simulated models say. One token is one word followed by a space, all plain ASCII, so a text of n tokens is one
// slice of a string built at start-up and needs no JSON escaping.

import { seededRandom } from './random.ts'

const VOCABULARY = (
  'the a of to and in that it is for on with as was at by from or an be this which are not ' +
  'but had have one all were when there can more if out so about what its into than them ' +
  'time some could these two may then first any new over only such most our even after also ' +
  'through well must between because while each river stone window garden letter market ' +
  'morning mountain story harbour engine signal season number field bridge copper lantern ' +
  'paper table valley winter summer record account balance measure pattern reason carry ' +
  'build count follow gather hold keep learn listen move notice offer place reach return ' +
  'send settle bright calm clear close deep early exact fair gentle large late light long ' +
  'narrow open plain quiet ready short simple slow small steady strong sudden warm wide ' +
  'answer question result total report owner budget'
).split(' ')

const TAPE_WORDS = 8_192
/** Texts start in the first quarter of the tape, so most need no second turn. */
const START_WORDS = TAPE_WORDS / 4

const tape: string[] = []
/** Where each word starts in `joined`; one more entry than words. */
const starts: number[] = [0]
{
  const random = seededRandom(0x1ed6e)
  for (let index = 0, at = 0; index < TAPE_WORDS; index++) {
    const word = VOCABULARY[random.below(VOCABULARY.length)] ?? 'word'
    tape.push(`${word} `)
    at += word.length + 1
    starts.push(at)
  }
}
const joined = tape.join('')

export type Words = {
  readonly count: number
  /** The text of tokens [from, to); concatenating neighbouring ranges gives the whole text. */
  readonly slice: (from: number, to: number) => string
}

/** A text of `count` words, chosen by `seed`; the last word has no trailing space. */
export function wordsFrom(seed: number, count: number): Words {
  const offset = seed % START_WORDS
  return {
    count,
    slice: (from, to) => {
      const last = Math.min(to, count)
      if (last <= from) return ''
      const text = tapeSlice(offset + from, offset + last)
      return last === count ? text.slice(0, -1) : text
    },
  }
}

function tapeSlice(from: number, to: number): string {
  if (to <= TAPE_WORDS) return joined.slice(starts[from], starts[to])
  let text = ''
  for (let at = from; at < to;) {
    const start = at % TAPE_WORDS
    const end = Math.min(TAPE_WORDS, start + (to - at))
    text += joined.slice(starts[start], starts[end])
    at += end - start
  }
  return text
}

/** A single word, for made-up tool arguments. */
export function wordAt(index: number): string {
  return VOCABULARY[index % VOCABULARY.length] ?? 'word'
}
