import type { Paint } from './paint.ts';
import type { Target } from './target.ts';

/** Names what a runbook works on, in two lines that fit a narrow terminal. */
export function bannerText(target: Target, region: string, account: string, paint: Paint): string {
  const { environment, trackingTable, endpoint, production } = target;
  const where = endpoint ?? `account ${account}`;
  const name = paint(production ? 'bad' : 'heading', environment);
  return `Target  ${name} · ${where} · ${region}\nTable   ${trackingTable}`;
}
