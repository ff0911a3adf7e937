// The ledger's own refusal of a question, in the API's words.

import type { QuestionProblem } from '../../ledger/question.ts'
import { refuse } from './problem.ts'

export function invalidQuestion(problem: QuestionProblem): Response {
  const code = problem.code === 'invalid_question' ? 'invalid_request' : problem.code
  return refuse(400, code, problem.detail, problem.errors)
}
