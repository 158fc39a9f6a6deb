import * as z from 'zod';
import { costsTable, freshnessTable } from '../../infra/costs.ts';
import { listRunbooks } from '../../runbooks/run.ts';
import { METRICS, type MetricForm } from '../../shared/metrics/names.ts';
import { operations } from '../../shared/operations/all.ts';
import { NOTICE_FIELDS, NOTICE_TYPES } from '../../shared/outlet/notice.ts';
import { environmentFile } from '../../shared/settings/environment-schema.ts';
import { pipelineProfile } from '../../shared/settings/pipeline-profile.ts';
import { REFUSALS } from '../../shared/text/refused.ts';

/** The generated tables of the reference; `npm run docs` writes them. */
export function referenceTables(): Readonly<Record<string, string>> {
  return {
    operations: operationsTable(),
    refusals: refusalsTable(),
    runbooks: runbooksTable(),
    metrics: metricsTable(),
  };
}

/** Those of the page about deploying. */
export function deployingTables(): Readonly<Record<string, string>> {
  return { freshness: freshnessTable(), costs: costsTable() };
}

/** Those of the page about the pipeline's profile. */
export function profileTables(): Readonly<Record<string, string>> {
  const rows = settingRows(schemaOf(pipelineProfile));
  return { settings: tableOf(['setting', 'as in the field', 'what it is'], rows) };
}

/** Those of the page about settings; the pipeline's profile has its own page. */
export function environmentTables(): Readonly<Record<string, string>> {
  const rows = settingRows(schemaOf(environmentFile.omit({ $schema: true, pipeline: true })));
  return { environment: tableOf(['setting', 'default', 'what it is'], rows) };
}

/** Those of the page about notices. */
export function noticeTables(): Readonly<Record<string, string>> {
  const fields = Object.entries(NOTICE_FIELDS).map(([name, what]) => [`\`${name}\``, what]);
  const types = Object.entries(NOTICE_TYPES).map(([type, { when, data }]) => [
    `\`${type}\``,
    when,
    settingRows(schemaOf(data))
      .map(([name = '', , what = '']) => `${name}: ${what}`)
      .join('<br>'),
  ]);
  return {
    fields: tableOf(['field', 'what it is'], fields),
    types: tableOf(['type', 'when', '`data`'], types),
  };
}

/** The JSON Schema with which editors complete and check settings files. */
export function settingsSchemaText(): string {
  return `${JSON.stringify(schemaOf(environmentFile), undefined, 2)}\n`;
}

/**
 * Puts tables into a text, between the comments that name them.
 *
 * @throws Error if a comment is missing
 */
export function withTables(text: string, tables: Readonly<Record<string, string>>): string {
  return Object.entries(tables).reduce((written, [name, table]) => {
    const place = new RegExp(`(<!-- ${name}: .*? -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`);
    if (!place.test(written)) throw new Error(`There is no place for the table "${name}".`);
    return written.replace(place, (_all, begin, end) => `${begin}\n${table}\n\n${end}`);
  }, text);
}

function operationsTable(): string {
  const rows = operations.map(({ name, description, input }) => [
    `\`${name}\``,
    description,
    fieldsOf(input),
  ]);
  return tableOf(['operation', 'what it answers', 'input (default)'], rows);
}

function refusalsTable(): string {
  const rows = Object.entries(REFUSALS).map(([code, [status, exitCode, meaning]]) => [
    `\`${code}\``,
    meaning,
    `${status}`,
    `${exitCode}`,
  ]);
  return tableOf(['code', 'what it means', 'status', 'exit code'], rows);
}

interface SettingSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  /** An object, or null. */
  readonly anyOf?: readonly SettingSchema[];
}

function schemaOf(schema: z.ZodType): SettingSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as SettingSchema;
}

/** A row for each setting; the name of its group comes first. */
function settingRows({ properties = {} }: SettingSchema, group = ''): string[][] {
  return Object.entries(properties).flatMap(([name, setting]) => {
    const { description = '', default: usual, properties, anyOf = [] } = setting;
    const path = `${group}${name}`;
    if (properties) return settingRows(setting, `${path}.`);
    const row = [`\`${path}\``, usual === undefined ? '' : `\`${JSON.stringify(usual)}\``, description];
    return [row, ...anyOf.flatMap((form) => settingRows(form, `${path}.`))];
  });
}

interface InputSchema {
  readonly properties?: Readonly<Record<string, { readonly default?: unknown }>>;
  readonly required?: readonly string[];
}

function fieldsOf(input: z.ZodType): string {
  const { properties = {}, required = [] } = z.toJSONSchema(input, { io: 'input' }) as InputSchema;
  const fields = Object.entries(properties).map(([name, field]) => {
    const value = field.default;
    // If the default is a list, it contains all that there is.
    const shown = value === undefined || Array.isArray(value) ? '' : ` (${value})`;
    return `\`${name}\`${required.includes(name) ? '' : '?'}${shown}`;
  });
  return fields.join(', ') || 'none';
}

function runbooksTable(): string {
  const rows = listRunbooks().map(({ name, description }) => [`\`${name}.ts\``, description]);
  return tableOf(['runbook', 'what it does'], rows);
}

function metricsTable(): string {
  const rows = Object.entries(METRICS).map(([service, metrics]) => [
    `\`${service}\``,
    Object.entries(metrics)
      .map(([name, form]) => metricText(name, form))
      .join(', '),
  ]);
  return tableOf(['service', 'metrics'], rows);
}

function metricText(name: string, { unit, by, inLogOnly }: MetricForm): string {
  const symbol = { Count: '', Milliseconds: ' (ms)', Seconds: ' (s)' }[unit];
  return `\`${name}\`${by ? ` by \`${by}\`` : ''}${symbol}${inLogOnly ? ' (in the log only)' : ''}`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}
