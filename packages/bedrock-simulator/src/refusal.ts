// What Bedrock says no with: a closed list of error types, each with its HTTP status. A refusal is data; it becomes bytes in
// one place, in the shape of the route.

export const ERROR_STATUS = {
  AccessDeniedException: 403,
  ConflictException: 400,
  ExpiredTokenException: 403,
  IncompleteSignatureException: 400,
  InternalServerException: 500,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  ModelErrorException: 424,
  ModelNotReadyException: 429,
  ModelTimeoutException: 408,
  ResourceNotFoundException: 404,
  ServiceUnavailableException: 503,
  ThrottlingException: 429,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
  UnsupportedOperationException: 501,
  ValidationException: 400,
} as const

export type ErrorType = keyof typeof ERROR_STATUS

export type Refusal = {
  readonly kind: 'refusal'
  readonly type: ErrorType
  readonly message: string
}

export function refuse(type: ErrorType, message: string): Refusal {
  return { kind: 'refusal', type, message }
}

export function invalid(message: string): Refusal {
  return refuse('ValidationException', message)
}

export function isRefusal(value: object): value is Refusal {
  return 'kind' in value && value.kind === 'refusal'
}

/** What the service says when it fails for a reason of its own, by error type. */
export const SERVICE_MESSAGES = {
  ThrottlingException: 'Too many requests, please wait before trying again.',
  InternalServerException:
    'The system encountered an unexpected error during processing. Try your request again.',
  ServiceUnavailableException: 'Bedrock is unable to process your request.',
  ModelTimeoutException: 'Model has timed out in processing the request. Try your request again.',
  ModelErrorException:
    'The system encountered an unexpected error during processing. Try your request again.',
  ModelNotReadyException: 'Model is not ready for inference. Wait and try your request again.',
} as const satisfies { readonly [Type in ErrorType]?: string }

export type ServiceErrorType = keyof typeof SERVICE_MESSAGES

export function serviceRefusal(type: ServiceErrorType): Refusal {
  return refuse(type, SERVICE_MESSAGES[type])
}
