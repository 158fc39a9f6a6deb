import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { dynamoDb, dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { readConfig } from '../../shared/aws/config.ts';
import { LOCAL_PORT, LOCAL_PORT_VARIABLE } from '../../shared/aws/local-machine.ts';
import { s3 } from '../../shared/aws/s3-client.ts';
import { pageHandler } from '../../shared/dashboard/page-server.ts';
import { pageDrawer } from '../../shared/dashboard/page-source.ts';
import { STORAGE_SETTINGS, storageOf } from '../../shared/pipeline/storage.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { LOCAL } from '../../shared/settings/environment-files.ts';
import type { LocalSettings } from './settings.ts';

/** The page of the local system: what `npm run page` serves of any environment. */
export function localPage({ port, names, profile, environment }: LocalSettings, logs: string) {
  const docs = dynamoDbDocuments(dynamoDb(environment));
  const clock = () => Date.now();
  return pageHandler({
    clock,
    environment: LOCAL,
    place: `this machine, port ${port}`,
    // The commands on the page find this system, whatever ports it has.
    commands: { before: port === LOCAL_PORT ? [] : [`${LOCAL_PORT_VARIABLE}=${port}`], after: [] },
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    draw: pageDrawer({
      environment: LOCAL,
      deployed: undefined,
      deps: {
        profile,
        tracking: trackingTable(docs, names.trackingTable, profile),
        projection: { docs, name: names.projectionTable },
        storage: storageOf(s3(environment), readConfig(STORAGE_SETTINGS, environment)),
      },
      clock,
      noteFault: (error) => appendFileSync(join(logs, 'page.log'), `${String(error)}\n`),
    }),
  });
}
