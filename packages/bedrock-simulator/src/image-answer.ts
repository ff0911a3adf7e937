// Writes pictures in the shapes of Amazon and Stability AI: as many PNGs in base64 as were asked for. None of these shapes says
// what was used; a meter has to count the pictures.

import type { Answer } from './answer.ts'
import type { Images } from './ask.ts'
import { pngOf } from './png.ts'
import { mix } from './random.ts'

export function amazonImageBody(answer: Answer, asked: Images): string {
  return `{"images":[${picturesOf(answer, asked).map(quoted).join(',')}],"error":null}`
}

export function stabilityBody(answer: Answer, asked: Images): string {
  const pictures = picturesOf(answer, asked)
  const seeds = pictures.map((_, index) => seedOf(answer, index))
  const reasons = pictures.map(() => 'null')
  return (
    `{"seeds":[${seeds.join(',')}],"finish_reasons":[${reasons.join(',')}],` +
    `"images":[${pictures.map(quoted).join(',')}]}`
  )
}

export function stabilityXlBody(answer: Answer, asked: Images): string {
  const artifacts = picturesOf(answer, asked).map(
    (picture, index) =>
      `{"seed":${seedOf(answer, index)},"base64":${quoted(picture)},"finishReason":"SUCCESS"}`,
  )
  return `{"result":"success","artifacts":[${artifacts.join(',')}]}`
}

function picturesOf(answer: Answer, { count, width, height }: Images): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    pngOf(width, height, seedOf(answer, index)).toString('base64'),
  )
}

function seedOf({ generation }: Answer, index: number): number {
  return mix(generation.seed, index)
}

function quoted(base64: string): string {
  return `"${base64}"`
}
