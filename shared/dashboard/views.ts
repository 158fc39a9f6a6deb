import { change } from './change.ts';
import { changes } from './changes.ts';
import { dates } from './dates.ts';
import { failures } from './failures.ts';
import { file } from './file.ts';
import { files } from './files.ts';
import { find } from './find.ts';
import { locks } from './locks.ts';
import { manifest } from './manifest.ts';
import { manifests } from './manifests.ts';
import { orphans } from './orphans.ts';
import { overview } from './overview.ts';
import type { ViewName } from './requests.ts';
import type { View } from './view.ts';

/** Every view, by the name that requests use. */
export const VIEWS: { readonly [N in ViewName]: View<N> } = {
  overview,
  dates,
  files,
  file,
  find,
  manifests,
  manifest,
  locks,
  failures,
  orphans,
  changes,
  change,
};
