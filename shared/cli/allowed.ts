import * as z from 'zod';
import { grouped } from '../files/number-text.ts';

/** One flag's schema as JSON Schema: what help texts and messages are made from. */
export interface FlagSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: FlagSchema;
  /** Set by `.meta({ allowed })` where the schema does not say it in words. */
  readonly allowed?: string;
  /** Set by `.meta({ alias })`: another spelling, such as an operation's own field name. */
  readonly alias?: string;
}

export function flagSchema(schema: z.ZodType): FlagSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as FlagSchema;
}

/** What a flag takes, in words that complete "allowed: …"; undefined when only the schema's own message can say. */
export function allowedText(flag: FlagSchema): string | undefined {
  if (flag.allowed) return flag.allowed;
  if (flag.enum) return flag.enum.join(', ');
  if (flag.type === 'array' && flag.items) return listText(flag.items);
  if (flag.type === 'integer' || flag.type === 'number') return numberText(flag);
  if (flag.format === 'date') return 'a date as YYYY-MM-DD';
  if (flag.format === 'uri') return 'a URL';
  return undefined;
}

function listText(items: FlagSchema): string | undefined {
  const each = allowedText(items);
  return each && `${each}; several with commas between them`;
}

function numberText({ type, minimum, maximum, exclusiveMinimum }: FlagSchema): string {
  const kind = type === 'integer' ? 'a whole number' : 'a number';
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return `${kind} from ${grouped(minimum)} to ${grouped(maximum)}`;
  if (exclusiveMinimum !== undefined) return `${kind} above ${grouped(exclusiveMinimum)}`;
  return minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER
    ? `${kind} from ${grouped(minimum)} on`
    : kind;
}
