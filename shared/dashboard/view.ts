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
 * @typeParam N its name in requests, which determines its fields
 * @typeParam D what it is drawn from
 */
export interface View<N extends ViewName = ViewName, D = unknown> {
  readonly tab: Tab;
  /** Never throws if something cannot be read: that becomes a `Read`, so that the rest is still shown. */
  read(fields: FieldsOf<N>, source: Source): Promise<D>;
  draw(data: D, context: ViewContext, fields: FieldsOf<N>): Content;
  /** Its list, for export as a file. Throws if anything cannot be read: half a list could be mistaken for a complete one. */
  export?(fields: FieldsOf<N>, source: Source): Promise<Exported>;
}

/** The time range that a dashboard is set to, in milliseconds since the epoch. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** What views read from, and what the operations they call need. All of it is only read. */
export interface Source extends Pick<Deps, 'tracking' | 'projection' | 'profile' | 'now'> {
  readonly timeRange: TimeRange | undefined;
  /** Keeps the current counts, and returns all that are kept. */
  keepSample(sample: Sample): readonly Sample[];
  /** Reads the pipeline's buckets; undefined where the page may not, as in the deployed widget. */
  readonly evidence?: Pick<EvidenceLoader, 'contentsOf' | 'reportOf'> | undefined;
  /** Called with every unexpected error, which the view also shows. */
  noteFault(error: unknown): void;
}

/** Where on AWS an environment is. */
export interface Deployed {
  readonly region: string;
  /** The prefix of the functions' names. */
  readonly functionPrefix: string;
}

/** What every view is drawn with. */
export interface ViewContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** `local`, `dev` or `prod`: the environment that the shown commands are for. */
  readonly environment: string;
  readonly navigation: Navigation;
  /** Where the environment is deployed, for links to the AWS console. Undefined on one machine. */
  readonly deployed?: Deployed | undefined;
}
