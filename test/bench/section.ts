import type { DynamoDBRecord } from 'aws-lambda';
import { fitPowerLaw, type Point, type PowerLaw } from './fit.ts';
import type { Row } from './row.ts';

/** What all sections of a run share. */
export interface BenchRun {
  /** Also what takes minutes more. */
  readonly large: boolean;
  /** When the run began, UTC. */
  readonly date: string;
  /** Whether to write the units that `npm run costs` reckons with. */
  readonly writeUnits: boolean;
  /** The stream of simulated files' whole lives, recorded once in a run. */
  lives(): Promise<readonly DynamoDBRecord[]>;
}

/** How a cost grows with its input. */
export interface Growth extends PowerLaw {
  readonly section: string;
  /** What costs, such as `get_stats: read units`. */
  readonly cost: string;
  readonly sizeUnit: string;
  readonly points: readonly Point[];
}

export interface SectionResult {
  readonly rows: readonly Row[];
  readonly growth: readonly Growth[];
}

/** What one section measured in one run. */
export interface SectionReport extends SectionResult {
  readonly name: string;
  readonly about: string;
  readonly seconds: number;
}

/** One part of the benchmark. Each starts engines of its own, so that none inherits what another left in them. */
export interface Section {
  readonly name: string;
  /** For the help text. */
  readonly about: string;
  /** Measures, and prints its own tables. */
  run(run: BenchRun): Promise<SectionResult>;
}

export function growthOf(section: string, cost: string, sizeUnit: string, points: readonly Point[]): Growth {
  return { section, cost, sizeUnit, points, ...fitPowerLaw(points) };
}
