import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { type AwsKey, refuseV4 } from '../sigv4.ts';
import { hex, type Stand, scaled } from './stand.ts';

interface Message {
  id: string;
  body: string;
  /** Not offered before. */
  visibleAtMs: number;
  handles: Set<string>;
}

/** AWS's standard queue: unordered, at least once, messages hidden while somebody holds them. JSON protocol, SigV4. */
export class SqsQueue {
  readonly key: AwsKey;
  readonly #stand: Stand;
  #messages: Message[] = [];
  #waiting: (() => void)[] = [];

  constructor(stand: Stand) {
    const { random } = stand.options;
    this.#stand = stand;
    this.key = {
      accessKeyId: `AKIA${hex(random, 16).toUpperCase()}`,
      secretAccessKey: hex(random, 40),
      region: 'us-east-1',
      service: 'sqs',
    };
  }

  get size(): number {
    return this.#messages.length;
  }

  put(body: string): void {
    const { random, clock } = this.#stand.options;
    this.#messages.push({ id: hex(random, 32), body, visibleAtMs: clock.now(), handles: new Set() });
    for (const wake of this.#waiting.splice(0)) wake();
  }

  close(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const denied = refuseV4(request, this.key, this.#stand.options.clock.now());
    if (denied)
      return sqsError(403, `com.amazon.coral.service#${denied}`, denied, 'The request was not signed as it must be.');
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(bodyText(request)) as Record<string, unknown>;
    } catch {
      return sqsError(
        400,
        'com.amazon.coral.service#SerializationException',
        'MalformedInput',
        'The body is not JSON.',
      );
    }
    const { account, name } = this.#stand.queue;
    if (!String(body['QueueUrl']).endsWith(`/${account}/${name}`))
      return sqsError(
        400,
        'com.amazonaws.sqs#QueueDoesNotExist',
        'AWS.SimpleQueueService.NonExistentQueue',
        'The specified queue does not exist.',
      );
    switch (request.headers['x-amz-target']) {
      case 'AmazonSQS.ReceiveMessage':
        return this.#receive(body);
      case 'AmazonSQS.DeleteMessageBatch':
        return this.#deleteBatch(body);
      default:
        return sqsError(403, 'com.amazon.coral.service#AccessDeniedException', 'AccessDenied', 'Not allowed.');
    }
  }

  async #receive(body: Record<string, unknown>): Promise<HttpResponse> {
    const most = Number(body['MaxNumberOfMessages'] ?? 1);
    const waitSeconds = Number(body['WaitTimeSeconds'] ?? 0);
    const hiddenSeconds = Number(body['VisibilityTimeout'] ?? 30);
    const wrong =
      (!inRange(most, 1, 10) && 'MaxNumberOfMessages') ||
      (!inRange(waitSeconds, 0, 20) && 'WaitTimeSeconds') ||
      (!inRange(hiddenSeconds, 0, 43_200) && 'VisibilityTimeout');
    if (wrong)
      return sqsError(
        400,
        'com.amazonaws.sqs#InvalidParameterValue',
        'InvalidParameterValue',
        `${wrong} is out of range.`,
      );
    if (this.#visible().length === 0 && waitSeconds > 0) await this.#wait(scaled(this.#stand, waitSeconds * 1000));
    const { random, clock, queueFaults } = this.#stand.options;
    const offered = this.#visible();
    const taken: Message[] = [];
    // Any order: a standard queue promises none.
    while (offered.length > 0 && taken.length < most)
      taken.push(...offered.splice(Math.floor(random() * offered.length), 1));
    if (taken.length === 0) return sqsAnswer({});
    const messages = taken.map((message) => {
      const handle = hex(random, 48);
      message.handles.add(handle);
      // "At least once": now and then a message is offered to somebody else although it is held.
      const again = random() < (queueFaults?.doubled ?? 0);
      if (!again) message.visibleAtMs = clock.now() + scaled(this.#stand, hiddenSeconds * 1000);
      return { MessageId: message.id, ReceiptHandle: handle, Body: message.body };
    });
    return sqsAnswer({ Messages: messages });
  }

  #deleteBatch(body: Record<string, unknown>): HttpResponse {
    const entries = (Array.isArray(body['Entries']) ? body['Entries'] : []) as { Id: string; ReceiptHandle: string }[];
    const refuse = (code: string, say: string) =>
      sqsError(400, `com.amazonaws.sqs#${code}`, `AWS.SimpleQueueService.${code}`, say);
    if (entries.length === 0) return refuse('EmptyBatchRequest', 'There should be at least one entry.');
    if (entries.length > 10)
      return refuse('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
    if (new Set(entries.map((entry) => entry.Id)).size < entries.length)
      return refuse('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
    const Successful: { Id: string }[] = [];
    const Failed: Record<string, unknown>[] = [];
    for (const { Id, ReceiptHandle } of entries) {
      // A handle of a message deleted before is still one that was handed out: deleting twice succeeds.
      if (!/^[0-9a-f]{48}$/.test(String(ReceiptHandle))) {
        Failed.push({
          Id,
          Code: 'ReceiptHandleIsInvalid',
          SenderFault: true,
          Message: 'The receipt handle is not valid.',
        });
        continue;
      }
      this.#messages = this.#messages.filter((message) => !message.handles.has(ReceiptHandle));
      Successful.push({ Id });
    }
    return sqsAnswer({ Successful, ...(Failed.length > 0 && { Failed }) });
  }

  #visible(): Message[] {
    const nowMs = this.#stand.options.clock.now();
    return this.#messages.filter((message) => message.visibleAtMs <= nowMs);
  }

  /** Until something is put, becomes visible again, or the time is over. */
  #wait(mostMs: number): Promise<void> {
    const { clock } = this.#stand.options;
    const next = Math.min(...this.#messages.map((message) => message.visibleAtMs - clock.now()), mostMs);
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        resolve();
      };
      const cancel = clock.after(next, done);
      this.#waiting.push(done);
    });
  }
}

const inRange = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

const sqsAnswer = (body: unknown): HttpResponse =>
  jsonResponse(200, body, { 'content-type': 'application/x-amz-json-1.0' });

const sqsError = (status: number, type: string, code: string, message: string): HttpResponse =>
  jsonResponse(
    status,
    { __type: type, message },
    { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-query-error': `${code};Sender` },
  );
