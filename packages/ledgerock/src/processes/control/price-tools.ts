// What the control plane needs of pricing to change prices, put together: rules read, price lists converted, rates learned with the
// words of AWS's bill, capacity split.

import type { PriceTools } from '../../control/prices/price-tools.ts'
import { splitCapacity } from '../../pricing/capacity/split-capacity.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { documentOfProposal } from '../../pricing/learning/document-of-proposal.ts'
import { learnRates } from '../../pricing/learning/learn-rates.ts'
import { readOverrides } from '../../pricing/override/override.ts'
import { convertOffers } from '../../pricing/price-list/convert-offers.ts'

export const priceTools: PriceTools = {
  readOverrides,
  convertOffers,
  learnRates(rows, book, period) {
    const proposal = learnRates(rows, book, { period, words: bedrockWords(book) })
    return { proposal, document: documentOfProposal(proposal) }
  },
  splitCapacity: (rows, use, book, { period, split, tokensPerMinute }) =>
    splitCapacity(rows, use, book, { period, split: { kind: split }, tokensPerMinute }),
}
