// Whether the model calls a tool. It does when it is forced to; left to itself it does unless it has just been handed a
// tool's result, so that an agent loop takes one turn through the tool and ends.

import type { ToolAsk } from './prompt.ts'
import { invalid, type Refusal } from './refusal.ts'

export type ToolChoice =
  { readonly kind: 'auto' | 'any' | 'none' } | { readonly kind: 'tool'; readonly name: string }

export function chooseTool(
  tools: readonly ToolAsk[],
  choice: ToolChoice,
  lastIsToolResult: boolean,
): ToolAsk | null | Refusal {
  if (choice.kind === 'none') return null
  if (choice.kind === 'tool') {
    const named = tools.find((tool) => tool.name === choice.name)
    return named ?? invalid(`Tool '${choice.name}' is not defined in the tool configuration.`)
  }
  if (choice.kind === 'auto' && lastIsToolResult) return null
  return tools[0] ?? null
}
