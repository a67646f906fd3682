import { z } from 'zod';
import { secret, webAddress } from '../../platform/config.ts';

/**
 * What one Amazon seller account in one region hands us: a self-authorised private app (client id, client secret, refresh
 * token) and, for orders within seconds, an SQS queue in the seller's own AWS account. Without the queue it is polled.
 */
export const amazonConfig = z
  .object({
    account: z
      .string()
      .trim()
      .min(1)
      .describe('Merchant token (Seller Central > Settings > Account Info > Merchant Token), like A1B2C3D4E5F6G7'),
    region: z
      .enum(['na', 'eu', 'fe'])
      .describe('Region the account sells in: na Americas, eu Europe and India, fe Far East'),
    marketplaceIds: z
      .array(z.string().trim().min(1))
      .min(1)
      .max(50)
      .describe('Marketplace ids, the main one first, like ATVPDKIKX0DER for amazon.com'),
    clientId: z.string().trim().min(1).describe('LWA client identifier (Developer Central > your app > View)'),
    clientSecret: secret().describe(
      'LWA client secret (Developer Central > your app > View); must be rotated every 180 days',
    ),
    refreshToken: secret().describe('Refresh token (Developer Central > your app > Authorize app), begins with Atzr|'),
    queueUrl: webAddress()
      .optional()
      .describe('Queue URL (AWS console > SQS > your queue); leave empty to poll for orders, which is minutes late'),
    awsAccessKeyId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Access key id of an IAM user that may receive from and delete from this queue, and nothing else'),
    awsSecretAccessKey: secret().optional().describe('Secret access key of that IAM user'),
    queueRegion: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('AWS region of the queue; only where it is not in the queue URL'),
    applicationId: z
      .string()
      .trim()
      .min(1)
      .optional()
      .describe('Application id (amzn1.sp.solution…); if given, messages for any other app are refused'),
    multiLocation: z
      .boolean()
      .default(false)
      .describe('Multi-Location Inventory is on (United States only): stock is kept per supply source'),
    fbaLocation: z
      .string()
      .trim()
      .regex(/^AMAZON_[A-Z]+$/, 'Write the channel code as Amazon does, like AMAZON_NA.')
      .optional()
      .describe(
        'Show stock in Amazon warehouses as a place of its own: AMAZON_NA, AMAZON_EU or AMAZON_JP; empty ignores it',
      ),
    endpoint: webAddress()
      .optional()
      .describe(
        'Only for tests: another address of the Selling Partner API, like https://sandbox.sellingpartnerapi-na.amazon.com',
      ),
    tokenEndpoint: webAddress().optional().describe('Only for tests: another address that hands out access tokens'),
    accessToken: secret().optional().describe('Set by Onhand: the current access token'),
    accessTokenEndsAtMs: z.number().int().positive().optional().describe('Set by Onhand: when the access token ends'),
    destinationId: z.string().optional().describe('Set by Onhand: the queue as Amazon knows it'),
    subscriptions: z
      .record(z.string(), z.string())
      .default({})
      .describe('Set by Onhand: subscription id of each notification type'),
  })
  .superRefine((config, context) => {
    if (!config.queueUrl) return;
    for (const path of ['awsAccessKeyId', 'awsSecretAccessKey'] as const)
      if (!config[path])
        context.addIssue({ code: 'custom', path: [path], message: 'The queue cannot be read without it.' });
    if (!queueName(config.queueUrl))
      context.addIssue({
        code: 'custom',
        path: ['queueUrl'],
        message: 'Copy the whole URL: it ends with the AWS account number and the queue name.',
      });
  });

export type AmazonConfig = z.infer<typeof amazonConfig>;

/** A queue that we can read: its address, what signs for it, and where it is. */
export interface Queue {
  url: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** undefined: no queue is configured, orders are polled. */
export function queueOf(config: AmazonConfig): Queue | undefined {
  const { queueUrl, awsAccessKeyId, awsSecretAccessKey } = config;
  if (!queueUrl || !awsAccessKeyId || !awsSecretAccessKey) return undefined;
  const region = config.queueRegion ?? regionIn(new URL(queueUrl).hostname) ?? 'us-east-1';
  return { url: queueUrl, region, accessKeyId: awsAccessKeyId, secretAccessKey: awsSecretAccessKey };
}

/** `sqs.eu-west-1.amazonaws.com`, and the old form `eu-west-1.queue.amazonaws.com`. */
function regionIn(host: string): string | undefined {
  return /(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\./.exec(host)?.[1] ?? /^([a-z]{2}[a-z0-9-]+)\.queue\./.exec(host)?.[1];
}

/** The queue's name in the form that Amazon's notification service takes. */
export function queueArn(queue: Queue): string {
  const { account, name } = queueName(queue.url)!;
  const partition = /^cn-/.test(queue.region) ? 'aws-cn' : 'aws';
  return `arn:${partition}:sqs:${queue.region}:${account}:${name}`;
}

function queueName(url: string): { account: string; name: string } | undefined {
  const match = URL.canParse(url) ? /^\/(\d{12})\/([\w-]+)$/.exec(new URL(url).pathname) : null;
  return match ? { account: match[1]!, name: match[2]! } : undefined;
}
