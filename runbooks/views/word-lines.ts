import { lastDayOf } from '../../shared/projection/acknowledgements.ts';

/** What people have written about a file or a date. */
interface Words {
  readonly notes?: readonly { readonly text: string; readonly actor: string; readonly at: string }[];
  readonly acknowledgements?: readonly {
    readonly kind?: string | undefined;
    readonly until: string;
    readonly reason: string;
    readonly actor: string;
  }[];
}

/** A line for each, after an empty one. */
export function wordLines({ notes = [], acknowledgements = [] }: Words): string[] {
  const lines = [
    ...acknowledgements.map(
      ({ kind, until, reason, actor }) =>
        `known${kind === undefined ? '' : ` (${kind})`} until ${lastDayOf({ until })}, says ${actor}: ${reason}`,
    ),
    ...notes.map(({ text, actor, at }) => `note by ${actor} at ${at}: ${text}`),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}
