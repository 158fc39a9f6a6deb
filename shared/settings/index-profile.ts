/** The part of a pipeline's profile that says how its records are found by status. */
export interface IndexProfile {
  readonly records: { readonly status_index: string };
  /** `suffix` has `{shard}` for a shard's number, which is below `count`. */
  readonly shards: { readonly count: number; readonly suffix: string };
}

/** As in the field: the defaults of a profile. */
export const FIELD_INDEX: IndexProfile = {
  records: { status_index: 'status-index' },
  shards: { count: 10, suffix: '#{shard}' },
};

/** The part of a profile that says how the sender of a file is extracted from its path. */
export interface SenderProfile {
  readonly input: { readonly prefix: string };
  /** A path below `input.prefix` with `{sender}` in it; null: senders are not counted. */
  readonly sender: { readonly path: string | null };
}

/** The same where senders are counted. */
export interface SenderPath {
  readonly path: string;
  readonly prefix: string;
}

export const FIELD_INPUT_PREFIX = 'pipeline/input/';

/** @returns undefined where senders are not counted */
export function senderPathOf({ input, sender }: SenderProfile): SenderPath | undefined {
  return sender.path === null ? undefined : { path: sender.path, prefix: input.prefix };
}

/**
 * Reads only this part, for the stream consumer, which is small and needs nothing else: the whole schema would load
 * zod. Nothing is checked here, since deployment and local system have already read the same text with the schema.
 *
 * @param text a profile as JSON: what it leaves out is as in the field
 */
export function readIndexProfile(text: string): IndexProfile {
  const { records, shards } = JSON.parse(text) as {
    readonly records?: Partial<IndexProfile['records']>;
    readonly shards?: Partial<IndexProfile['shards']>;
  };
  return {
    records: { status_index: records?.status_index ?? FIELD_INDEX.records.status_index },
    shards: { ...FIELD_INDEX.shards, ...shards },
  };
}

/** Whether durations and sizes are counted, read from a profile in the same way. */
export function readCountsFlow(text: string): boolean {
  const { counters } = JSON.parse(text) as { readonly counters?: { readonly flow?: boolean } };
  return counters?.flow ?? false;
}

/** How senders are found, read from a profile in the same way. */
export function readSenderPath(text: string): SenderPath | undefined {
  const { input, sender } = JSON.parse(text) as {
    readonly input?: Partial<SenderProfile['input']>;
    readonly sender?: Partial<SenderProfile['sender']>;
  };
  return senderPathOf({
    input: { prefix: input?.prefix ?? FIELD_INPUT_PREFIX },
    sender: { path: sender?.path ?? null },
  });
}

/** The suffixes that files usually have after their status: `#0` to `#9` in the field. */
export function usualSuffixesOf({ shards: { count, suffix } }: Pick<IndexProfile, 'shards'>): string[] {
  return Array.from({ length: count }, (_, shard) => suffix.replaceAll('{shard}', String(shard)));
}
