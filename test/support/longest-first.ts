import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest tests, which mostly wait for processes: if one started last, it would run alone in the end. */
const LONGEST = [
  'docs/handbook-commands.long',
  'field/sixty-days.long',
  'faults/local-system.long',
  'faults/slow-s3.long',
  'infra/deployed-functions.long',
  'infra/local/page-views.long',
  'infra/local/page.long',
  'infra/template',
  'infra/local/system.long',
];

/** Starts with the longest tests, even if there is no earlier run that shows how long they take. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const longest = LONGEST.flatMap((name) => sorted.filter((file) => isTest(file, name)));
    return [...longest, ...sorted.filter((file) => !longest.includes(file))];
  }
}

function isTest({ moduleId }: TestSpecification, name: string): boolean {
  return moduleId.endsWith(`/test/${name}.test.ts`);
}
