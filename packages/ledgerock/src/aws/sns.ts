// Publishes one message to an SNS topic, in the topic's own region, with the credentials of the usual AWS chain. A FIFO topic keeps
// the messages of a group in order and drops a message it has had under the same id.

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'

export type SnsMessage = {
  readonly topicArn: string
  readonly subject: string
  readonly body: string
  readonly attributes: Readonly<Record<string, string>>
  /** For FIFO topics. */
  readonly groupId: string
  readonly deduplicationId: string
}

const ATTEMPTS = 2
const REQUEST_TIMEOUT_MS = 5_000
/** What SNS takes as a subject: ASCII without line ends, shorter than 100. */
const SUBJECT_CHARS_MAX = 99

/** @throws what SNS or the network says */
export async function publishToSns(message: SnsMessage): Promise<void> {
  const { topicArn, body, attributes, groupId, deduplicationId } = message
  const client = new SNSClient({
    region: topicArn.split(':')[3] ?? '',
    maxAttempts: ATTEMPTS,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: REQUEST_TIMEOUT_MS },
  })
  const isFifo = topicArn.endsWith('.fifo')
  try {
    await client.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: snsSubject(message.subject),
        Message: body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            { DataType: 'String', StringValue: value },
          ]),
        ),
        ...(isFifo ? { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } : {}),
      }),
    )
  } finally {
    client.destroy()
  }
}

export function snsSubject(text: string): string {
  const plain = text.replaceAll(/[^ -~]+/g, ' ').trim()
  return plain === '' ? 'Ledgerock' : plain.slice(0, SUBJECT_CHARS_MAX)
}
