import pMap from 'p-map';
import type { Acknowledged } from '../reports/acknowledged-files.ts';
import type { AcknowledgedVerdict, SearchPage } from './search-page.ts';
import type { Verdict } from './verdict.ts';

const CONCURRENT_READS = 16;

/** The page with acknowledged verdicts set apart: only files that were acknowledged are read once more. */
export async function setAcknowledgedApart(known: Acknowledged, page: SearchPage): Promise<SearchPage> {
  if (known.files.length === 0) return page;
  const found = await pMap(page.verdicts, (verdict) => known.ofFile(verdict, verdict.kind), {
    concurrency: CONCURRENT_READS,
  });
  const verdicts: Verdict[] = [];
  const acknowledged: AcknowledgedVerdict[] = [];
  for (const [i, verdict] of page.verdicts.entries()) {
    const acknowledgement = found[i];
    if (acknowledgement) acknowledged.push({ verdict, acknowledgement });
    else verdicts.push(verdict);
  }
  return { ...page, verdicts, acknowledged };
}
