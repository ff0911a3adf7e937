import { expect, it } from 'vitest'
import { isCommercialRegion } from './commercial-region.ts'

it.each([
  'us-east-1',
  'eu-central-2',
  'ap-northeast-3',
  'il-central-1',
  'mx-central-1',
  'af-south-1',
])('[P1] "*" covers %s', (region) => {
  expect(isCommercialRegion(region)).toBe(true)
})

it.each(['us-gov-west-1', 'cn-north-1', 'us-iso-east-1', 'eusc-de-east-1', 'mars-1', '', '*'])(
  '[P1] "*" does not cover %j',
  (region) => {
    expect(isCommercialRegion(region)).toBe(false)
  },
)
