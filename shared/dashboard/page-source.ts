import type { Deps } from '../aws/deps.ts';
import { createEvidenceLoader, type EvidenceLoader } from '../pipeline/evidence-loader.ts';
import { parsePath } from '../pipeline/names.ts';
import { type ExportFile, exportFile } from './export.ts';
import { type Sample, withSample } from './trend.ts';
import type { Deployed } from './view.ts';
import { answerWidget, type WidgetPlace, type WidgetSource } from './widget.ts';
import { readWidgetEvent } from './widget-event.ts';

/** What a page of its own is drawn from: unlike the deployed widget, it reads the pipeline's buckets. */
export interface PageSource {
  readonly environment: string;
  /** Undefined on one machine. */
  readonly deployed: Deployed | undefined;
  readonly deps: Pick<Deps, 'tracking' | 'projection' | 'profile' | 'storage'>;
  /** In milliseconds since the epoch. */
  clock(): number;
  noteFault(error: unknown): void;
}

type Evidence = Pick<EvidenceLoader, 'contentsOf' | 'reportOf'>;

// The contents of a bucket hardly change, and the page refreshes every few seconds.
const EVIDENCE_MILLIS = 60_000;

/** Draws views for a page, and keeps the counts and what was read from the buckets between them. */
export function pageDrawer({ environment, deployed, deps, clock, noteFault }: PageSource) {
  let samples: readonly Sample[] = [];
  let kept: { readonly at: number; readonly evidence: Evidence } | undefined;
  const loaderAt = (now: number): Evidence => {
    const loader = createEvidenceLoader({ ...deps, now });
    const { manifest } = deps.storage.buckets;
    // The address names the manifest, and may come from anywhere: no other bucket is read.
    const isHere = (path: unknown) => parsePath(path, manifest)?.bucket === manifest;
    return {
      reportOf: loader.reportOf,
      contentsOf: async (record) => (isHere(record.manifest_path) ? loader.contentsOf(record) : undefined),
    };
  };
  const evidenceAt = (now: number) => {
    const isFresh = kept && Math.abs(now - kept.at) < EVIDENCE_MILLIS;
    kept = isFresh && kept ? kept : { at: now, evidence: loaderAt(now) };
    return kept.evidence;
  };
  return (event: object): Promise<string | ExportFile> => {
    const now = clock();
    const keepSample = (sample: Sample) => {
      samples = withSample(samples, sample);
      return samples;
    };
    const { tracking, projection, profile } = deps;
    const reading = { tracking, projection, profile, evidence: evidenceAt(now) };
    // No function is called: a page's links are addresses.
    const place = { environment, functionArn: '', deployed };
    return answerPage(event, place, { ...reading, now, keepSample, noteFault });
  };
}

/** A view, or what it lists as a file where that is asked for. What lists nothing is drawn. */
export async function answerPage(
  event: object,
  place: WidgetPlace,
  source: WidgetSource,
): Promise<string | ExportFile> {
  const { view, download, timeRange } = readWidgetEvent(event);
  const file = download && (await exportFile(view, download, { ...source, timeRange }));
  return file ?? answerWidget(event, place, source);
}
