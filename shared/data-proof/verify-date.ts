import type { Deps } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import { collectRows, type DateRows } from './date-rows.ts';
import type { ListedOutput, ListingCursor } from './output-objects.ts';
import type { ReadMeter } from './ranged-object.ts';
import { outputPlaces, READING_START, type ReadingPage, readOutputPage } from './read-outputs.ts';
import type { ObjectReading } from './read-sources.ts';

/** What the output of a date says, and what lies beside it. */
export interface DateReading {
  readonly rows: DateRows;
  readonly passedOver: ReadingPage['passedOver'];
}

/** How the output of a date is read. */
export interface DateReadingSettings {
  readonly meter: ReadMeter;
  known(object: ListedOutput): ObjectReading | undefined;
  /** Called after each page, with all objects so far. */
  onPage?(page: ReadingPage, objects: number): void | Promise<void>;
}

const OBJECTS_PER_PAGE = 200;

/** Reads all output of a date. */
export async function readDateRows(
  deps: Pick<Deps, 'storage' | 'profile'>,
  date: string,
  { meter, known, onPage }: DateReadingSettings,
): Promise<DateReading> {
  const places = outputPlaces(date, deps);
  const settings = { meter, known, objectsPerPage: OBJECTS_PER_PAGE };
  const readings: ObjectReading[] = [];
  const passedOver = { marker: 0, temporary: 0, empty: 0 };
  for await (const page of pages((cursor: ListingCursor = READING_START) =>
    readOutputPage(deps, places, cursor, settings),
  )) {
    readings.push(...page.readings);
    passedOver.marker += page.passedOver.marker;
    passedOver.temporary += page.passedOver.temporary;
    passedOver.empty += page.passedOver.empty;
    await onPage?.(page, readings.length);
  }
  return { rows: collectRows(date, readings), passedOver };
}
