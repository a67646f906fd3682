import type { Client, QueueMessage } from '../../platform/contract.ts';
import { Failure } from '../../platform/failure.ts';
import { bodyText, type HttpRequest } from '../../platform/http.ts';
import { readJson } from '../../platform/json.ts';
import { type AmazonConfig, type Queue, queueOf } from './config.ts';
import type { AmazonOp } from './facts.ts';
import { isRecord, list, record, text } from './shape.ts';
import { QUEUE_METHOD } from './webhook.ts';

/** Ten is SQS's own maximum, for receiving and for deleting. */
const BATCH_MAX = 10;
/**
 * SQS holds the call open until something arrives, so nothing is gained by asking often: 5 s make half a million calls a
 * month (AWS gives a million away), and a stop waits no longer than that.
 */
const WAIT_SECONDS = 5;
/** Time to store what was received before it is offered again. */
const VISIBILITY_SECONDS = 60;

/** One call of SQS's JSON protocol. */
export const queueRequest = (queue: Queue, action: string, body: Record<string, unknown>): HttpRequest => ({
  method: 'POST',
  url: `${new URL(queue.url).origin}/`,
  headers: {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AmazonSQS.${action}`,
  },
  body: JSON.stringify({ QueueUrl: queue.url, ...body }),
});

/**
 * Waits for messages on the seller's own queue. While nothing could vouch for a message (no subscription known yet)
 * nothing is taken out: it would be refused and lost.
 */
export async function receive(client: Client<AmazonOp>, config: AmazonConfig): Promise<QueueMessage[]> {
  const queue = queueOf(config);
  if (!queue || (!config.applicationId && Object.keys(config.subscriptions).length === 0)) return [];
  const request = queueRequest(queue, 'ReceiveMessage', {
    MaxNumberOfMessages: BATCH_MAX,
    WaitTimeSeconds: WAIT_SECONDS,
    VisibilityTimeout: VISIBILITY_SECONDS,
  });
  const body = record(readJson(bodyText(await client.call('receiveMessage', request))));
  const receivedAt = new Date(client.now()).toISOString();
  return list(body['Messages']).flatMap((message) => {
    const handle = text(record(message)['ReceiptHandle']);
    const content = text(record(message)['Body']);
    if (handle === undefined || content === undefined) return [];
    const delivery = { method: QUEUE_METHOD, path: queue.url, headers: {}, body: Buffer.from(content), receivedAt };
    return [{ handle, delivery }];
  });
}

/**
 * Deletes what is stored. One that could not be deleted comes again, which is harmless.
 * @throws Failure when nothing at all was deleted: then everything would come again for ever.
 */
export async function acknowledge(client: Client<AmazonOp>, config: AmazonConfig, handles: string[]): Promise<void> {
  const queue = queueOf(config);
  if (!queue) return;
  for (let start = 0; start < handles.length; start += BATCH_MAX) {
    const batch = handles.slice(start, start + BATCH_MAX);
    const entries = batch.map((handle, index) => ({ Id: String(index), ReceiptHandle: handle }));
    const answer = await client.call(
      'deleteMessageBatch',
      queueRequest(queue, 'DeleteMessageBatch', { Entries: entries }),
    );
    const body = record(readJson(bodyText(answer)));
    const failed = list(body['Failed']).find(isRecord);
    if (failed && list(body['Successful']).length === 0)
      throw new Failure('transient', 'queue-not-deleted', `SQS deleted no message: ${text(failed['Message']) ?? ''}`, {
        platformCode: text(failed['Code']),
      });
  }
}
