import type { DynamoDBRecord } from 'aws-lambda';
import { fitPowerLaw, type Point, type PowerLaw } from './fit.ts';
import type { Row } from './row.ts';

/** What all sections of a run share. */
export interface BenchRun {
  /** Whether to measure large inputs as well, which takes minutes longer. */
  readonly large: boolean;
  /** When the run began, UTC. */
  readonly date: string;
  /** Whether to write the units that `npm run costs` uses. */
  readonly writeUnits: boolean;
  /** The stream of the whole lives of simulated files, recorded once per run. */
  lives(): Promise<readonly DynamoDBRecord[]>;
}

/** How a cost grows with its input. */
export interface Growth extends PowerLaw {
  readonly section: string;
  /** The cost and its unit, such as `get_stats: read units`. */
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

/** One part of the benchmark. Each starts its own engines, so that none is affected by what another left behind. */
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
