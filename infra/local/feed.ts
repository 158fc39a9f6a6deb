import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { errorText } from '../../shared/text/error-text.ts';
import { Refused } from '../../shared/text/refused.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { wakenByDate } from './builder-function.ts';
import type { FeedFlags } from './flags.ts';
import { replay } from './replay.ts';
import type { LocalSettings } from './settings.ts';
import { STORY_WEIGHTS, tellStory } from './story.ts';
import type { LocalSystem } from './system.ts';

/** What writes into the tracking table: the simulator, a replay, or only the user. */
export interface Feed {
  /** What it is doing, as a phrase. */
  describe(): string;
  /** True once it has written everything. */
  finished(): boolean;
  /** Resolves when it has finished, which an endless one never does; rejects when it cannot continue. */
  readonly done: Promise<void>;
  /** Stops it after the writes in flight; never rejects. */
  stop(): Promise<void>;
}

const MINUTE_DAYS = 1 / (24 * 60);
/**
 * Long enough to look up a settled file, short enough that tables and buckets of an endless run stay small. Objects
 * outlive their records here, unlike in the field: with a life of minutes, the meaning of a missing object would be
 * unclear.
 */
const LIFECYCLE = {
  manifest: 12 * MINUTE_DAYS,
  input: 12 * MINUTE_DAYS,
  quarantine: 30 * MINUTE_DAYS,
  record: 10 * MINUTE_DAYS,
  inFlight: 30,
};
/** Shows every status among files: otherwise only manifests would ever be processing. */
const MARKS_PROCESSING = true;

type FedSystem = Pick<LocalSystem, 'dynamoDb' | 's3' | 'builder'>;

export function startFeed(flags: FeedFlags, settings: LocalSettings, system: FedSystem): Feed {
  if (flags.replay !== undefined) return replayFeed(flags.replay, settings, system);
  return flags.simulator ? simulatorFeed(flags, settings, system) : NO_FEED;
}

const NO_FEED: Feed = {
  describe: () => 'no simulator: write to the tables yourself',
  finished: () => true,
  done: Promise.resolve(),
  stop: () => Promise.resolve(),
};

function simulatorFeed(
  flags: FeedFlags,
  { names, profile }: LocalSettings,
  { dynamoDb, s3, builder }: FedSystem,
): Feed {
  const { inputBucket, manifestBucket, outputBucket, quarantineBucket } = names;
  const simulator = startSimulator({
    documents: DynamoDBDocumentClient.from(dynamoDb),
    table: names.trackingTable,
    statusIndex: profile.records.status_index,
    s3,
    buckets: {
      input: inputBucket,
      manifest: manifestBucket,
      output: outputBucket,
      quarantine: quarantineBucket,
    },
    lifecycle: LIFECYCLE,
    marksProcessing: MARKS_PROCESSING,
    now: Date.now,
    rate: flags.rate,
    seed: flags.seed,
    speed: flags.speed,
    files: flags.files,
    version: flags.pipeline,
    maxFiles: flags.maxFiles ?? profile.builder.max_files,
    ...(flags.story && { weights: STORY_WEIGHTS, failsAlike: true, namesCollide: false }),
  });
  const endStory = flags.story ? tellStory(simulator, Date.now) : () => undefined;
  builder.connect(wakenByDate(simulator));
  const stop = async () => {
    endStory();
    // Why it could not continue is told by `done`.
    await simulator.stop().catch(() => undefined);
  };
  return feedOf(simulator.done, stop, () => {
    const { arrived, writes, removed } = simulator.progress();
    return `simulator: ${arrived} files arrived, ${writes} writes, ${removed} expired`;
  });
}

function replayFeed(path: string, { names }: LocalSettings, { dynamoDb }: FedSystem): Feed {
  const abort = new AbortController();
  let result = '';
  const done = replay({ dynamoDb, table: names.trackingTable, path, signal: abort.signal }).then(
    ({ put, removed }) => {
      result = `: ${put} writes, ${removed} removals`;
    },
  );
  const stop = async () => {
    abort.abort();
    await done.catch(() => undefined);
  };
  return feedOf(done, stop, () => `replay of ${path}${result}`);
}

function feedOf(work: Promise<void>, stop: () => Promise<void>, describe: () => string): Feed {
  let finished = false;
  const done = work.then(
    () => {
      finished = true;
    },
    (error: unknown) => {
      throw cannotGoOn(error);
    },
  );
  return {
    describe: () => describe() + (finished ? ', finished' : ''),
    finished: () => finished,
    done,
    stop,
  };
}

function cannotGoOn(error: unknown): Refused {
  if (error instanceof Refused) return error;
  return new Refused(
    'UNAVAILABLE',
    `Can no longer write to the tracking table or the buckets: ${errorText(error)}.`,
    'Restart npm start: the local tables are in memory, and are lost when their process ends.',
    { cause: error },
  );
}
