import { styleText } from 'node:util';
import { isStatus, type Status } from '../pipeline/status.ts';

/** What text on a terminal may be marked as; without colours it reads the same. */
export type Mark = Status | 'heading' | 'dim' | 'good' | 'warning' | 'bad';

/** Marks text, or leaves it as it is where colours are not wanted. */
export type Paint = (mark: Mark, text: string) => string;

type Style = Parameters<typeof styleText>[0];

/** A status has the same colour everywhere. */
const STYLES: Readonly<Record<Mark, Style>> = {
  pending: 'cyan',
  manifested: 'blue',
  processing: 'yellow',
  completed: 'green',
  failed: 'red',
  quarantined: 'magenta',
  heading: 'bold',
  dim: 'dim',
  good: 'green',
  warning: 'yellow',
  bad: ['bold', 'red'],
};

/** Colours for a stream that shows them; Node knows the terminals, and heeds NO_COLOR. */
export function painterFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? colour : plain;
}

export const plain: Paint = (_mark, text) => text;

const colour: Paint = (mark, text) => styleText(STYLES[mark], text, { validateStream: false });

/** Text, such as the status itself, in the status' colour. */
export function paintStatus(paint: Paint, status: string, text = status): string {
  return paint(isStatus(status) ? status : 'dim', text);
}
