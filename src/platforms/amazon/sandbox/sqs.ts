import { bodyText, type HttpRequest, type HttpResponse, jsonResponse } from '../../../platform/http.ts';
import { type AwsKey, refuseV4 } from '../sigv4.ts';
import { hex, type Stand, scaled } from './stand.ts';

interface Message {
  id: string;
  body: string;
  handles: string[];
  deleted: boolean;
  /** Ends the time for which it is hidden. */
  show?: () => void;
}

/** AWS's standard queue: unordered, at least once, messages hidden while somebody holds them. JSON protocol, SigV4. */
export class SqsQueue {
  readonly key: AwsKey;
  readonly #stand: Stand;
  /** Offered now; deleted ones are passed over. */
  readonly #ready: Message[] = [];
  readonly #byHandle = new Map<string, Message>();
  #size = 0;
  #waiting: (() => void)[] = [];
  #closed = false;

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

  /** Messages that nobody deleted. */
  get size(): number {
    return this.#size;
  }

  put(body: string): void {
    this.#size += 1;
    this.#offer({ id: hex(this.#stand.options.random, 32), body, handles: [], deleted: false });
  }

  close(): void {
    this.#closed = true;
    for (const message of this.#byHandle.values()) message.show?.();
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
    let taken = this.#take(most);
    if (taken.length === 0 && waitSeconds > 0) {
      await this.#wait(scaled(this.#stand, waitSeconds * 1000));
      taken = this.#take(most);
    }
    if (taken.length === 0) return sqsAnswer({});
    const { random, clock, queueFaults } = this.#stand.options;
    const messages = taken.map((message) => {
      const handle = hex(random, 48);
      message.handles.push(handle);
      this.#byHandle.set(handle, message);
      // "At least once": now and then a message is offered to somebody else although it is held.
      const hiddenMs = random() < (queueFaults?.doubled ?? 0) ? 0 : scaled(this.#stand, hiddenSeconds * 1000);
      if (hiddenMs > 0) message.show = clock.after(hiddenMs, () => this.#offer(message));
      else this.#offer(message);
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
      this.#delete(this.#byHandle.get(ReceiptHandle));
      Successful.push({ Id });
    }
    return sqsAnswer({ Successful, ...(Failed.length > 0 && { Failed }) });
  }

  #offer(message: Message): void {
    if (message.deleted || this.#closed) return;
    this.#ready.push(message);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** In any order: a standard queue promises none. */
  #take(most: number): Message[] {
    const taken: Message[] = [];
    while (this.#ready.length > 0 && taken.length < most) {
      const at = Math.floor(this.#stand.options.random() * this.#ready.length);
      const last = this.#ready.pop()!;
      const message = at < this.#ready.length ? this.#ready[at]! : last;
      if (at < this.#ready.length) this.#ready[at] = last;
      if (!message.deleted) taken.push(message);
    }
    return taken;
  }

  #delete(message: Message | undefined): void {
    if (!message || message.deleted) return;
    message.deleted = true;
    message.show?.();
    for (const handle of message.handles) this.#byHandle.delete(handle);
    this.#size -= 1;
  }

  /** Until something is offered, or the time is over. */
  #wait(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#waiting = this.#waiting.filter((waiting) => waiting !== done);
        resolve();
      };
      const cancel = this.#stand.options.clock.after(mostMs, done);
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
