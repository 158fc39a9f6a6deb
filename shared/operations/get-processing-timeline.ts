import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { firstKnown, keysOfName } from '../pipeline/names.ts';
import { fileNotFound } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { type RecordKey, readRecord } from '../pipeline/tracking-table.ts';
import { namedEvents } from '../projection/attempt-details.ts';
import { readHead, readPageEvents } from '../projection/projection-table.ts';
import { completeEvents, latestAttempt, mergeEvents, stepsOf, totalSeconds } from '../projection/timeline.ts';
import type { TimelineEvent } from '../projection/transition.ts';
import { datePrefix, fileKey } from './inputs.ts';
import { readWords } from './notes.ts';
import { operation } from './operation.ts';

export const getProcessingTimeline = operation({
  name: 'get_processing_timeline',
  description: 'What happened to one file, when, and how long each step took',
  input: z.strictObject({ date_prefix: datePrefix, file_key: fileKey }),
  async run(deps: TimelineDeps, { date_prefix, file_key }) {
    const keys = keysOfName(file_key, date_prefix, date_prefix);
    const found = await firstKnown(keys, (key) => readStates(deps, key));
    if (!found) throw fileNotFound({ date_prefix, file_key });
    const { key, record, head } = found;
    const { projection, now } = deps;
    const [paged, words] = await Promise.all([
      head && head.pages > 0 ? readPageEvents(projection, key) : [],
      readWords(deps, key),
    ]);
    const seen = mergeEvents(head, paged);
    const events = namedEvents(completeEvents(seen, record, now), record);
    return {
      file: `${key.date_prefix}/${key.file_key}`,
      current_status: record ? parseStatus(record.status).status : 'removed',
      timeline: events.map(shownEvent),
      durations_seconds: Object.fromEntries(
        stepsOf(latestAttempt(events)).map(({ step, seconds }) => [step, seconds]),
      ),
      total_processing_time: totalSeconds(events) ?? null,
      steps: stepsOf(events),
      ...words,
      source: sourceOf(events.length - seen.length, seen.length),
    };
  },
});

type TimelineDeps = Pick<Deps, 'tracking' | 'projection' | 'now'>;

async function readStates({ tracking, projection }: Pick<Deps, 'tracking' | 'projection'>, key: RecordKey) {
  const [record, head] = await Promise.all([readRecord(tracking, key), readHead(projection, key)]);
  return record || head ? { key, record, head } : undefined;
}

/** What it answers. */
export type Timeline = Awaited<ReturnType<typeof getProcessingTimeline.run>>;

/** Where the timeline comes from: one derived from the record may lack earlier attempts. */
function sourceOf(derived: number, seen: number): 'stream' | 'record' | 'record and stream' {
  if (derived === 0) return 'stream';
  return seen === 0 ? 'record' : 'record and stream';
}

function shownEvent({ event, time, status, changeId, actor, reason, ...details }: TimelineEvent) {
  const { manifest, error, run } = details;
  return {
    event,
    timestamp: time,
    status: status ?? 'removed',
    ...(manifest !== undefined && { manifest }),
    ...(error !== undefined && { error }),
    ...(run !== undefined && { run }),
    ...(changeId && { change_id: changeId, actor, reason }),
  };
}
