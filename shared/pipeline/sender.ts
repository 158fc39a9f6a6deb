import { createHash } from 'node:crypto';
import type { SenderPath } from '../settings/index-profile.ts';
import { parsePath, realName } from './names.ts';
import type { RecordKey } from './tracking-table.ts';

/** How the sender of a file is extracted from its path. */
export interface SenderRule {
  /** Four characters that name the rule: another path yields other senders, which are counted separately. */
  readonly id: string;
  /** As the profile has it. */
  readonly path: string;
  /** Where the objects have it that S3 tells the pipeline about. */
  readonly prefix: string;
  readonly pieces: readonly Piece[];
}

/** A part of a path, up to the next wildcard. */
interface Piece {
  /** The wildcard before it. */
  readonly wild: string | undefined;
  /** Of a known length, and found from its `lastIndex` on. */
  readonly fixed: RegExp;
}

/** A file, and where its object is according to its record. */
export interface PathedFile extends RecordKey {
  readonly file_path?: unknown;
}

/** @returns undefined where the profile has no path for senders */
export function senderRule(from: SenderPath | undefined): SenderRule | undefined {
  if (!from) return undefined;
  const { path, prefix } = from;
  const id = createHash('sha256')
    .update(JSON.stringify([path, prefix]))
    .digest('hex');
  return { id: id.slice(0, 4), path, prefix, pieces: piecesOf(path) };
}

// Longer names are distinguished by their beginning.
const LONGEST_NAME = 64;

/**
 * The name of a file's sender: by the path in its record, or by its date and name where the record has none.
 *
 * @returns undefined where the path has none
 */
export function senderOf(
  { date_prefix, file_key, file_path }: PathedFile,
  { prefix, pieces }: SenderRule,
): string | undefined {
  const key = realName(parsePath(file_path, '')?.key ?? `${date_prefix}/${file_key}`);
  const name = find(key.startsWith(prefix) ? key.slice(prefix.length) : key, pieces);
  return name === undefined || name.length <= LONGEST_NAME ? name : [...name].slice(0, LONGEST_NAME).join('');
}

/**
 * Each piece is matched at its first occurrence, which is right because anything may follow the last one. So a name is
 * scanned once, however long it is and whatever it contains: the names are chosen by the people who send files.
 */
function find(key: string, pieces: readonly Piece[]): string | undefined {
  let at = 0;
  let name: string | undefined;
  for (const { wild, fixed } of pieces) {
    fixed.lastIndex = wild === SENDER ? at + 1 : at;
    const found = fixed.exec(key);
    if (!found) return undefined;
    const held = key.slice(at, found.index);
    if (held.includes('/')) return undefined;
    if (wild === SENDER) name = held;
    at = found.index + found[0].length;
  }
  return name;
}

const SENDER = '{sender}';

function piecesOf(path: string): Piece[] {
  const [first = '', ...rest] = path.split(/(\{sender\}|\*)/);
  const pieces: Piece[] = [{ wild: undefined, fixed: new RegExp(sourceOf(first), 'y') }];
  for (let i = 0; i < rest.length; i += 2) {
    pieces.push({ wild: rest[i], fixed: new RegExp(sourceOf(rest[i + 1] ?? ''), 'g') });
  }
  return pieces;
}

function sourceOf(text: string): string {
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return literal.replaceAll('\\{date\\}', '\\d{4}-\\d{2}-\\d{2}');
}
