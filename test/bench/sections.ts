import { bundlesSection } from './bundles-section.ts';
import { changesSection } from './changes-section.ts';
import { consumerSection } from './consumer-section.ts';
import { contentionSection } from './contention-section.ts';
import { countersSection } from './counters-section.ts';
import { dataProofSection } from './data-proof-section.ts';
import { failuresSection } from './failures-section.ts';
import { foldingSection } from './folding-section.ts';
import { freshnessSection } from './freshness-section.ts';
import { joinSection } from './join-section.ts';
import { parallelSection } from './parallel-section.ts';
import { readsSection } from './reads-section.ts';
import { redeliverySection } from './redelivery-section.ts';
import type { Section } from './section.ts';
import { sendersSection } from './senders-section.ts';
import { startSection } from './start-section.ts';
import { sweepSection } from './sweep-section.ts';
import { writesSection } from './writes-section.ts';

/**
 * In the order in which they run. Those that measure only this process come first: code and memory of the others
 * would slow them down.
 */
export const SECTIONS: readonly Section[] = [
  foldingSection,
  joinSection,
  dataProofSection,
  bundlesSection,
  startSection,
  contentionSection,
  consumerSection,
  parallelSection,
  writesSection,
  freshnessSection,
  countersSection,
  sendersSection,
  failuresSection,
  redeliverySection,
  readsSection,
  sweepSection,
  changesSection,
];
