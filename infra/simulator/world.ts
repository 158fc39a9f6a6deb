import type { Agenda, Pause } from './agenda.ts';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import type { Objects } from './objects.ts';
import type { PipelineBuckets, PipelineSettings } from './options.ts';
import type { PendingFile, PendingFiles } from './pending.ts';
import type { Random } from './random.ts';
import type { RecordKeys } from './record-keys.ts';
import type { PipelineTable } from './table.ts';
import type { TimeSpelling } from './time-text.ts';

/** How the writer of a file's record writes, always in the same way. */
export interface RecordStyle {
  readonly spelling: TimeSpelling;
  readonly creationAttribute: 'created_at' | 'upload_time';
  readonly bytes: number;
}

export interface SimulatorProgress {
  /** Files that arrived, recorded or refused. */
  arrived: number;
  /** Records and objects removed because their time had passed. */
  removed: number;
}

/** What the agents of one simulated pipeline share. */
export interface World {
  readonly settings: PipelineSettings;
  readonly buckets: PipelineBuckets;
  readonly table: PipelineTable;
  readonly objects: Objects;
  readonly agenda: Agenda;
  readonly random: Random;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly pending: PendingFiles;
  readonly progress: SimulatorProgress;
  /** By date and key. */
  readonly styles: Map<string, RecordStyle>;
  /** The files that builders claimed, by manifest URI; of two builders if one overwrote the other's manifest. */
  readonly claimed: Map<string, PendingFile[]>;
  /** How many manifests of a date were registered; it gives the number of the next one. */
  readonly registered: Map<string, number>;
  /** The executions that somebody has stopped, by ARN. */
  readonly stopped: Set<string>;
  /** How many jobs may run at once, and how many are running. */
  readonly jobs: { atOnce: number; running: number };
  /** Records for whose expiry an agent is waiting, by date and key. */
  readonly expiring: Set<string>;
  /** If it never ends, it must not remember everything. */
  readonly isEndless: boolean;
  readonly now: () => number;
}

const DEFAULT_STYLE: RecordStyle = {
  spelling: 'offset_micros',
  creationAttribute: 'created_at',
  bytes: 1_000_000,
};

/** Some seconds from now, as they would pass in the field. */
export function after(world: World, from: number, to = from): Pause {
  const seconds = world.random.between(from, to);
  return { atMillis: Math.round(world.now() + (seconds * 1_000) / world.settings.speed) };
}

/** The same, while nothing is active. */
export function idle(world: World, from: number, to = from): Pause {
  return { ...after(world, from, to), isIdle: true };
}

export function styleOf(world: World, { date_prefix, file_key }: RecordKeys): RecordStyle {
  return world.styles.get(`${date_prefix} ${file_key}`) ?? DEFAULT_STYLE;
}
