import * as z from 'zod';
import type { Read } from '../page-kit/card.ts';
import { namedErrorText } from '../text/error-text.ts';

/** The operations that views ask: they all only read. */
export const ASKED_OPERATIONS = [
  'get_stats',
  'get_file_state',
  'query_by_status',
  'get_processing_timeline',
  'list_changes',
  'get_change',
] as const;

/** A request for one of them. */
export interface Question {
  readonly operation: (typeof ASKED_OPERATIONS)[number];
  readonly [field: string]: unknown;
}

/** How to ask, and whom to tell when that goes wrong. */
export interface Asking {
  /** Asks the service, as any client does: a body comes back, or a refusal. */
  ask(question: Question): Promise<object>;
  noteFault(error: unknown): void;
}

const refusal = z.object({
  statusCode: z.number(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
});

/**
 * Asks an operation and takes its answer apart. Never throws: a view shows what it could not learn, and goes
 * on with the rest.
 */
export async function readAnswer<S extends z.ZodType>(
  asking: Asking,
  question: Question,
  schema: S,
): Promise<Read<z.output<S>>> {
  return attempt(asking, async () => {
    const answer = await asking.ask(question);
    const refused = refusal.safeParse(answer);
    if (refused.success) return { kind: 'absent', ...refused.data.error };
    return { kind: 'read', value: schema.parse(answer) };
  });
}

/** Reads something that is no operation. */
export async function readDirectly<T>(
  asking: Pick<Asking, 'noteFault'>,
  load: () => Promise<T>,
): Promise<Read<T>> {
  return attempt(asking, async () => ({ kind: 'read', value: await load() }));
}

/** The value, where there is one. */
export function knownOf<T>(read: Read<T>): T | undefined {
  return read.kind === 'read' ? read.value : undefined;
}

async function attempt<T>(
  { noteFault }: Pick<Asking, 'noteFault'>,
  load: () => Promise<Read<T>>,
): Promise<Read<T>> {
  try {
    return await load();
  } catch (error) {
    noteFault(error);
    return { kind: 'failed', message: namedErrorText(error) };
  }
}
