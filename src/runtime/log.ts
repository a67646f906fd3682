import { type DestinationStream, destination, type Logger, pino } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  level: LogLevel;
  /** Default: standard error, so that what commands print for other programs stays clean. */
  to?: DestinationStream;
}

/**
 * One JSON line per event. Values whose name says that they are secret, buyers' data and whole configs never get there;
 * of errors only what a person needs. Texts are not searched: whoever makes them takes the secrets out (the platform
 * client does).
 */
export function createLog(options: LogLevel | LogOptions): Logger {
  const { level, to } = typeof options === 'string' ? { level: options } : options;
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => shown(fields, 0) as Record<string, unknown>,
      },
      // Errors are plain objects by the time pino sees them.
      serializers: { err: (value: unknown) => value },
    },
    to ?? destination({ fd: 2, sync: true }),
  );
}

const HIDDEN = '[secret]';
const SECRET_NAME =
  /authorization|token|secret|passw(or)?d|passphrase|api[_-]?key|consumer[_-]?key|private[_-]?key|signature|cookie|credential|hmac|^key$|^config$/i;
/** Cut before the levels and lengths that only mistakes reach. */
const DEPTH_MAX = 6;
const ENTRIES_MAX = 50;
const TEXT_MAX = 4_000;

function shown(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}…` : value;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return shownError(value, depth);
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((one) => shown(one, depth + 1));
  const entries = Object.entries(value).slice(0, ENTRIES_MAX);
  return Object.fromEntries(
    entries.map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) && inner !== null && inner !== undefined ? HIDDEN : shown(inner, depth + 1),
    ]),
  );
}

/** Libraries hang whole requests on their errors: only the fields that are known to be harmless are taken. */
function shownError(error: Error, depth: number): unknown {
  const { code, failure, status, platformCode, retryAfterMs, sent } = error as Error & Record<string, unknown>;
  const plain = { code, failure, status, platformCode, retryAfterMs, sent };
  return {
    type: error.name,
    message: shown(error.message, depth),
    ...Object.fromEntries(
      Object.entries(plain).filter(
        ([, one]) => typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean',
      ),
    ),
    stack: shown(error.stack, depth),
    ...(error.cause !== undefined && depth < DEPTH_MAX && { cause: shown(error.cause, depth + 1) }),
  };
}
