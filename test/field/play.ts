import type { Fault } from '../../infra/simulator/faults.ts';
import { createRandom } from '../../infra/simulator/random.ts';
import { auditNight, sweep } from './checks.ts';
import { sweepAsNew } from './first-deployment.ts';
import { createOperator, type Fixed, type Operator } from './operator.ts';
import { arrivalsOf, DAY, faultsOf, HOUR } from './plan.ts';
import { byKey, idOf, idOfFile, type KnownFile, type Told, type Truth } from './rules.ts';
import { openScene, type Scene, type SceneOptions } from './scene.ts';
import { createStreamPump, type StreamPump } from './stream-pump.ts';
import { createWatch, type Mistake, type Watch } from './watch.ts';

export interface PlayOptions extends SceneOptions {
  readonly days: number;
  readonly filesPerDay: number;
  /** After so many days each fault is planted again. */
  readonly roundDays: number;
  readonly sweepHours: number;
}

/** What a play came to. */
export interface Played {
  readonly version: 'A' | 'B';
  readonly mistakes: readonly Mistake[];
  readonly files: readonly KnownFile[];
  readonly found: Watch['found'];
  readonly foundByRows: Watch['foundByRows'];
  readonly fixed: ReadonlyMap<string, Fixed>;
  readonly sweeps: number;
  readonly audits: number;
  /** Of how many completed files the evidence had expired for a State Manager that came new at the end. */
  readonly unverifiable: number;
}

/** A play that goes on. */
interface Stage {
  readonly scene: Scene;
  readonly pump: StreamPump;
  readonly operator: Operator;
  readonly watch: Watch;
  truthAt(nowMillis: number): Truth;
  sweeps: number;
  audits: number;
  /** What the audits of the last night told. */
  issues: readonly Told[];
}

const PUMP_HOURS = 3;
const AUDIT_HOUR = 3;
const WORK_HOUR = 15;
/** At the end nothing is planted, and all that is being fixed comes to its end. */
const CALM_DAYS = 2;

/** Plays days of a pipeline in virtual time, with the checks on their schedule and operators who follow them. */
export async function play(options: PlayOptions): Promise<Played> {
  const scene = await openScene(options);
  try {
    return await playIn(scene, options);
  } finally {
    await scene.close();
  }
}

async function playIn(
  scene: Scene,
  { days, filesPerDay, roundDays, seed, sweepHours }: PlayOptions,
): Promise<Played> {
  const { pipeline, startMillis, version } = scene;
  const stage = await openStage(scene);
  const random = createRandom(seed + 7);
  for (let day = 0; day < days; day += 1) {
    const dayMillis = startMillis + day * DAY;
    if (day < days - CALM_DAYS) for (const fault of faultsOf(day, roundDays)) pipeline.plant(fault);
    const arrivals = arrivalsOf(day, dayMillis, filesPerDay, random);
    for (let hour = 1; hour <= 24; hour += 1) {
      for (const arrival of arrivals) if (arrival.hour === hour - 1) pipeline.upload(arrival.objectKey);
      const now = dayMillis + hour * HOUR;
      await pipeline.advance(now);
      await lookAt(stage, hour, now, sweepHours);
    }
  }
  const end = startMillis + days * DAY;
  const truth = stage.truthAt(end);
  const asNew = await sweepAsNew(scene, end);
  stage.watch.onNewSweep(truth, asNew);
  for (const mistake of notFixed(truth)) stage.watch.add(mistake);
  const { mistakes, found, foundByRows } = stage.watch;
  const { sweeps, audits, operator } = stage;
  const unverifiable = asNew.report.unverifiable ?? 0;
  return {
    version,
    mistakes,
    files: truth.files,
    found,
    foundByRows,
    fixed: operator.fixed,
    sweeps,
    audits,
    unverifiable,
  };
}

async function openStage(scene: Scene): Promise<Stage> {
  const { pipeline, version, lifecycle, aws } = scene;
  const operator = createOperator(scene);
  const watch = createWatch();
  const { lostByRows } = watch;
  const truthAt = (nowMillis: number): Truth => {
    const { files, manifests } = pipeline.ledger();
    const known = files.map((file) => ({ ...file, operated: operator.fixed.get(idOfFile(file)) }));
    return { version, lifecycle, nowMillis, manifests, files: known, lostByRows };
  };
  const pump = await createStreamPump(aws);
  return { ...{ scene, operator, truthAt, pump, watch }, sweeps: 0, audits: 0, issues: [] };
}

/** What the schedule and the operators do at an hour of the day, from 1 to 24. */
async function lookAt(stage: Stage, hour: number, now: number, sweepHours: number): Promise<void> {
  const { scene, pump, operator, watch, truthAt } = stage;
  if (hour % PUMP_HOURS === 0) await pump(now);
  if (hour % sweepHours === 0) {
    stage.sweeps += 1;
    // A report has room for the first of each kind; once a day all are listed, as an operator would.
    watch.onSweep(truthAt(now), await sweep(scene, now, hour === sweepHours ? 'whole' : 'report'));
  }
  if (hour === AUDIT_HOUR) {
    const night = await auditNight(scene, now);
    stage.audits += night.length;
    for (const audited of night) watch.onAudit(truthAt(now), audited);
    stage.issues = night.flatMap(({ told }) => told);
  }
  if (hour === WORK_HOUR) {
    await workDay(truthAt(now), operator, watch.open(), stage.issues);
    await pump(now);
  }
}

/** What is left alone shows whether its verdict stays the same when its evidence has expired. */
function isLeftAlone({ key }: KnownFile): boolean {
  return [...key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 4 === 0;
}

async function workDay(
  { files, nowMillis }: Truth,
  operator: Operator,
  open: ReadonlySet<string>,
  issues: readonly Told[],
): Promise<void> {
  const theirs = new Map(files.filter((file) => !isLeftAlone(file)).map((file) => [idOfFile(file), file]));
  for (const issue of issues) {
    const file = theirs.get(idOf(issue));
    if (file) await operator.fixIssue(file, issue, nowMillis);
  }
  for (const [id, file] of theirs) {
    const isFailed = file.record === 'present' && file.expected === 'failed' && !isAtRest(file);
    if (isFailed || open.has(id)) await operator.fix(file, nowMillis);
  }
}

/** Whether an operator has given it up, and the pipeline has not written it since. */
function isAtRest({ operated, statusMillis = 0 }: KnownFile): boolean {
  return operated !== undefined && operated.status !== 'pending' && operated.atMillis > statusMillis;
}

/** What was put back has to be converted once in the end, unless something has happened to it again. */
function notFixed({ files, manifests, nowMillis }: Truth): Mistake[] {
  const known = byKey(files);
  /** Those that the last job was to convert together with it. */
  const neighboursOf = ({ date, key }: KnownFile) =>
    manifests
      .filter((each) => each.date === date && each.files.includes(key))
      .at(-1)
      ?.files.flatMap((other) => (other === key ? [] : (known.get(`${date} ${other}`) ?? []))) ?? [];
  return files
    .filter(({ operated }) => operated?.status === 'pending' && nowMillis - operated.atMillis > DAY)
    .filter(({ operated, faults }) => faults.every(({ atMillis }) => atMillis < (operated?.atMillis ?? 0)))
    .filter((file) => !isFixed(file))
    .filter((file) => !neighboursOf(file).some(failsItsManifest))
    .map((file) => ({ nowMillis, what: 'not_fixed', file, detail: describe(neighboursOf(file)) }));
}

const CULPRITS: readonly Fault[] = ['bad_name', 'input_gone', 'job_missing_input'];

/** Whether a job failed on it with all files of its manifest, for what nobody could see before. */
function failsItsManifest({ faults, operated }: KnownFile): boolean {
  return faults.some(
    ({ fault, atMillis }) => CULPRITS.includes(fault) && atMillis > (operated?.atMillis ?? 0),
  );
}

function describe(files: readonly KnownFile[]): string {
  return `with ${JSON.stringify(files.map(({ key, faults, input }) => ({ key, faults, input })))}`;
}

/** Whether its newest upload was converted once since it was put back. */
export function isFixed({ status, conversions, uploads, operated }: KnownFile): boolean {
  const since = conversions.filter(
    ({ upload, atMillis }) => upload === uploads.length && atMillis > (operated?.atMillis ?? 0),
  );
  return status === 'completed' && since.length === 1;
}
