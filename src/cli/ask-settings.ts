import { cancel, isCancel, password, text } from '@clack/prompts';
import { z } from 'zod';
import { UserError } from '../engine/user-error.ts';
import { secretPaths } from '../platform/config.ts';

interface Property {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
}

/** Asks a person for a platform's settings, one question per field of its schema; secrets are not echoed. */
export async function askSettings(schema: z.ZodType): Promise<Record<string, unknown>> {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  const secrets = new Set(secretPaths(schema).map(String));
  const answers: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(shape.properties ?? {})) {
    const needed = shape.required?.includes(name) ?? false;
    const message = `${name}${property.description ? `: ${property.description}` : ''}${needed ? '' : ' (may stay empty)'}`;
    const validate = (value: string | undefined) => (needed && !value ? 'This is needed.' : undefined);
    const answer = secrets.has(name)
      ? await password({ message, validate })
      : await text({
          message,
          validate,
          ...(property.default !== undefined && { placeholder: String(property.default) }),
        });
    if (isCancel(answer)) {
      cancel('Nothing was changed.');
      throw new UserError('cancelled', 'Cancelled.', 'Start again when you have the settings at hand.');
    }
    if (answer) answers[name] = typed(property, answer);
  }
  return answers;
}

function typed(property: Property, answer: string): unknown {
  if (property.type === 'number' || property.type === 'integer') return Number(answer);
  if (property.type === 'boolean') return /^(y|yes|true|1)$/i.test(answer);
  if (property.type === 'array') return answer.split(',').map((part) => part.trim());
  return answer;
}
