// What is kept of a program, so that later ones can be played beside it: bundled by `npm run record-form`.

/** biome-ignore lint/performance/noBarrelFile: it is the entry of a bundle, and nothing imports it. */
export { consumeBatch } from '../../shared/projection/consume.ts';
export { createKnownClasses } from '../../shared/projection/known-classes.ts';
export { createWriter } from '../../shared/projection/writer.ts';
