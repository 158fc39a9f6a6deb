import type { RunContext } from '../../shared/cli/command.ts';
import { GROUPS } from './all.ts';
import { askedOf } from './asked.ts';
import type { Finding } from './check.ts';
import { startReading } from './reading.ts';

/** The results of all checks of one environment. */
export interface Diagnosis {
  readonly environment: string;
  readonly groups: readonly { readonly heading: string; readonly findings: readonly Finding[] }[];
}

/** Runs every check that applies to this place. Checks only read. */
export async function diagnose(context: RunContext): Promise<Diagnosis> {
  const { deps, variables } = context;
  const asked = askedOf(context, await deps.tracking.docs.config.region());
  const reading = startReading(deps, variables, asked);
  const here = asked.local ? 'local' : 'aws';
  const groups = await Promise.all(
    GROUPS.map(async ({ heading, checks }) => {
      const those = checks.filter(({ place = here }) => place === here);
      return { heading, findings: await Promise.all(those.map((each) => each.run(reading, asked))) };
    }),
  );
  return {
    environment: asked.environment,
    groups: groups.filter(({ findings }) => findings.length > 0),
  };
}
