import type { Read } from '../page-kit/card.ts';
import { namedErrorText } from '../text/error-text.ts';
import { Refused } from '../text/refused.ts';
import type { Source } from './view.ts';

/** Reads something for a view. Never throws: a view shows that a read failed, and continues with the rest. */
export async function attempt<T>(
  { noteFault }: Pick<Source, 'noteFault'>,
  load: () => Promise<T>,
): Promise<Read<T>> {
  try {
    return { kind: 'read', value: await load() };
  } catch (error) {
    if (error instanceof Refused) {
      return { kind: 'absent', message: error.message, hint: error.hint };
    }
    noteFault(error);
    return { kind: 'failed', message: namedErrorText(error) };
  }
}

/** The value, if there is one. */
export function knownOf<T>(read: Read<T>): T | undefined {
  return read.kind === 'read' ? read.value : undefined;
}
