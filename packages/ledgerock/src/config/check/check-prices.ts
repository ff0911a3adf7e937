// What an override of prices must say together: one effect, a kind where it fixes a price, times in order, a name of its own.
// Whether its models are sold, and whether two rules want the same call, is looked into where the prices are.

import { checkTimes } from './check-rules.ts'
import { isWritten, list, text, tree, type Path, type PathFault, type Tree } from '../raw.ts'

/** Keys that say more about a fixed price and nothing about a percentage. */
const OF_A_PRICE = ['unit', 'variant', 'context_above'] as const

export function checkPrices(prices: unknown): readonly PathFault[] {
  const names = new Map<string, number>()
  return list(tree(prices)['overrides']).flatMap((value, index) => {
    const override = tree(value)
    const path = ['prices', 'overrides', index]
    const name = text(override['name'])
    const other = name === null ? undefined : names.get(name)
    if (name !== null && other === undefined) names.set(name, index)
    const taken = `is the name of overrides[${other}] too`
    return [
      ...(other === undefined ? [] : [{ path: [...path, 'name'], message: taken }]),
      ...checkEffect(path, override),
      ...checkTimes(path, override),
    ]
  })
}

function checkEffect(path: Path, override: Tree): readonly PathFault[] {
  const isPercent = isWritten(override['percent'])
  if (isPercent === isWritten(override['price'])) {
    return [{ path, message: 'must have either percent or price' }]
  }
  if (isPercent) {
    return [
      ...OF_A_PRICE.filter((key) => isWritten(override[key])).map((key) => ({
        path: [...path, key],
        message: 'is for a fixed price, not for a percentage',
      })),
      ...checkPercent(path, text(override['percent'])),
    ]
  }
  if (isWritten(override['kind'])) return []
  return [{ path: [...path, 'price'], message: 'needs a kind: a fixed price is one of one kind' }]
}

/** More than the whole price off: nobody is paid for a call. */
function checkPercent(path: Path, percent: string | null): readonly PathFault[] {
  const [, whole = '0', decimals = ''] = /^-(\d{1,4})(?:\.(\d{1,9}))?$/.exec(percent ?? '') ?? []
  const isMore = Number(whole) > 100 || (Number(whole) === 100 && /[1-9]/.test(decimals))
  if (!isMore) return []
  return [{ path: [...path, 'percent'], message: `${percent} % would make the price negative` }]
}
