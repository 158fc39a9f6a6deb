import { DATA_FINDINGS, type DataFindingType } from '../data-proof/judge-rows.ts';
import { type DateProof, readProofsSince } from '../data-proof/kept-proof.ts';
import { isElsewhere } from '../data-proof/totals.ts';
import { card, emptyCard, type Fact, factList } from '../page-kit/card.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { addDays, dayOf, isoTime } from '../text/time.ts';
import type { Concern } from './attention.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, ViewContext } from './view.ts';

const DAYS = 8;
const MOST_DATES = 5;
const WORDS: Readonly<Record<DataFindingType, string>> = {
  lost: 'Lost',
  twice: 'Converted twice',
  partly: 'Only partly converted',
  unexpected: 'Unexpected',
};

/** What the output rows proved for the last days: one query. */
export function readLatestProofs({ projection, now }: Pick<Source, 'projection' | 'now'>) {
  return readProofsSince(projection, addDays(dayOf(now), -DAYS));
}

/** What is lost, converted twice or incomplete according to the output rows. */
export function dataConcerns(proofs: readonly DateProof[]): Concern[] {
  const wrong = sumOf(proofs, ['lost', 'twice', 'partly']);
  const verb = wrong === 1 ? 'is' : 'are';
  const text = `According to the output rows, ${countOf(wrong, 'file')} ${verb} lost, converted twice or only partly converted.`;
  return [...(wrong > 0 ? [{ text }] : []), ...proofs.filter(isElsewhere).map(elsewhereConcern)];
}

function elsewhereConcern({ date, files }: DateProof): Concern {
  const verb = files.lost === 1 ? 'has' : 'have';
  return {
    text: `${countOf(files.lost, 'completed file')} of ${date} ${verb} no rows. That is too much of the date to be lost, so its output may be elsewhere.`,
  };
}

/** What the output rows prove for the last days, with the command that lists what is wrong. */
export function dataCard(proofs: readonly DateProof[], { now, environment, navigation }: ViewContext): Html {
  const title = 'Proof in the data';
  if (proofs.length === 0) {
    return emptyCard(
      title,
      'No recent date has been verified by its output rows. The nightly audit does this; to verify one now:',
      runbookCommand(environment, 'verify-data', ['yesterday', '--keep']),
    );
  }
  const completed = sumOf(proofs, ['present', 'whole', 'lost', 'twice', 'partly']);
  const there = sumOf(proofs, ['present', 'whole']);
  const found = DATA_FINDINGS.filter((type) => sumOf(proofs, [type]) > 0);
  const facts = found.map(
    (type): Fact => [WORDS[type], html`<span class="sm-bad">▲ ${grouped(sumOf(proofs, [type]))}</span>`],
  );
  const dates = proofs.filter((proof) => isElsewhere(proof) || sumOf([proof], DATA_FINDINGS) > 0).reverse();
  const commands = dates
    .slice(0, MOST_DATES)
    .map(
      ({ date }) =>
        html`<p>${navigation.link(date, { view: 'files', date })}</p>${runbookCommand(environment, 'verify-data', [date])}`,
    );
  const rows = proofs.reduce((sum, proof) => sum + proof.rows, 0);
  const unread = proofs.reduce((sum, proof) => sum + proof.unread, 0);
  const newest = Math.max(...proofs.map(({ at }) => at));
  return card(
    title,
    html`<p class="sm-number">${grouped(there)}<small> of ${countOf(completed, 'completed file')} present exactly once</small></p>
${facts.length > 0 && factList(facts)}${commands}${dates.length > MOST_DATES && html`<p class="sm-dim">and ${countOf(dates.length - MOST_DATES, 'date')} more</p>`}`,
    html`${countOf(rows, 'row')} of ${countOf(proofs.length, 'date')}${unread > 0 && `, ${countOf(unread, 'object')} unreadable`}, ${asOf(isoTime(newest), now)}`,
  );
}

/** How many files their rows prove to be of these kinds; `lost` counts only where it is credible. */
function sumOf(proofs: readonly DateProof[], kinds: readonly (keyof DateProof['files'])[]): number {
  const countIn = (proof: DateProof, kind: keyof DateProof['files']) =>
    kind === 'lost' && isElsewhere(proof) ? 0 : (proof.files[kind] ?? 0);
  return proofs.reduce((sum, proof) => sum + kinds.reduce((all, kind) => all + countIn(proof, kind), 0), 0);
}
