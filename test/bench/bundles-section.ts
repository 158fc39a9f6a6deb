import { BARE_CLIENT, type BundleCost, measureBundles } from './bundles.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import type { Section } from './section.ts';

const NAME = 'bundles';
const IMPORTS = 9;

export const bundlesSection: Section = {
  name: NAME,
  about: 'size and import time of each function, compared with a bare SDK client',
  async run() {
    const bundles = measureBundles(IMPORTS);
    print(bundles);
    const bare = bundles.find(({ name }) => name === BARE_CLIENT);
    const functions = bundles.filter((bundle) => bundle !== bare);
    return { rows: bare ? functions.flatMap((bundle) => rowsOf(bundle, bare)) : [], growth: [] };
  },
};

function rowsOf(bundle: BundleCost, bare: BundleCost): Row[] {
  const { name } = bundle;
  const common = { size: Math.round(bundle.kilobytes), sizeUnit: 'KB of code', baseline: BARE_CLIENT };
  return [
    rowOf(NAME, {
      ...common,
      name: `${name}, zipped`,
      value: bundle.zippedKilobytes,
      unit: 'KB',
      baselineValue: bare.zippedKilobytes,
    }),
    rowOf(NAME, {
      ...common,
      name: `${name}, import`,
      value: bundle.importMillis,
      unit: 'ms',
      baselineValue: bare.importMillis,
    }),
  ];
}

function print(bundles: readonly BundleCost[]): void {
  printTable(
    'Bundles as they are deployed, compared with a bare SDK client',
    ['bundle', 'KB', 'KB zipped', 'import ms'],
    bundles.map((bundle) => [
      bundle.name,
      Math.round(bundle.kilobytes),
      Math.round(bundle.zippedKilobytes),
      bundle.importMillis.toFixed(0),
    ]),
  );
}
