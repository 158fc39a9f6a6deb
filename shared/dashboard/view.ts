import type { Deps } from '../aws/deps.ts';
import type { Content } from '../page-kit/html.ts';
import type { EvidenceLoader } from '../pipeline/evidence-loader.ts';
import type { Exported } from './exported.ts';
import type { Navigation } from './navigation.ts';
import type { FieldsOf, ViewName } from './requests.ts';
import type { Sample } from './trend.ts';

/** The part of the page that a view belongs to. */
export type Tab = 'Overview' | 'Dates' | 'Manifests' | 'Failures' | 'Orphans' | 'Changes';

/**
 * One view of the dashboard.
 *
 * @typeParam N its name in requests, which tells its fields
 * @typeParam D what it is drawn from
 */
export interface View<N extends ViewName = ViewName, D = unknown> {
  readonly tab: Tab;
  /** Never throws for what cannot be read: that becomes a `Read`, so that the rest is still shown. */
  read(fields: FieldsOf<N>, source: Source): Promise<D>;
  draw(data: D, context: ViewContext, fields: FieldsOf<N>): Content;
  /** What it lists, to be taken along as a file. Throws for what cannot be read: half of a list would pass for the whole. */
  export?(fields: FieldsOf<N>, source: Source): Promise<Exported>;
}

/** The time range that a dashboard is set to, in milliseconds since the epoch. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** What views read from, and what the operations need that they call. They only read. */
export interface Source extends Pick<Deps, 'tracking' | 'projection' | 'profile' | 'now'> {
  readonly timeRange: TimeRange | undefined;
  /** Keeps the counts of this moment, and returns all that are kept. */
  keepSample(sample: Sample): readonly Sample[];
  /** Looks into the pipeline's buckets; undefined where the page may not, as in the deployed widget. */
  readonly evidence?: Pick<EvidenceLoader, 'contentsOf' | 'reportOf'> | undefined;
  /** Called with every unexpected error; the view shows it, too. */
  noteFault(error: unknown): void;
}

/** Where an environment is on AWS. */
export interface Deployed {
  readonly region: string;
  /** What the names of the functions begin with. */
  readonly functionPrefix: string;
}

/** What every view is drawn with. */
export interface ViewContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `local`, `dev` or `prod`: the commands shown are for it. */
  readonly environment: string;
  readonly navigation: Navigation;
  /** Where the environment is deployed: what is there has links to the console of AWS. Undefined on one machine. */
  readonly deployed?: Deployed | undefined;
}
