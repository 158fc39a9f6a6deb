import { createHash } from 'node:crypto';
import type * as z from 'zod';
import { Refused } from '../text/refused.ts';

/**
 * A `next_token`: where a listing continues, bound to the listing it came from. It holds no secret and needs
 * none, so it survives a deployment; by the digest, tokens of another query and altered tokens are refused.
 *
 * @param scope everything that decides what is listed, but not the limit, which may change from page to page
 * @param position any JSON value
 */
export function encodePageToken(scope: unknown, position: unknown): string {
  const body = JSON.stringify(position);
  return `${Buffer.from(body).toString('base64url')}.${digest(scope, body)}`;
}

/**
 * @param position the form of what it holds, which is T: the digest is no secret, so that a token may be forged
 * @throws Refused when the token is not one that `encodePageToken` made for this scope
 */
export function decodePageToken<T>(scope: unknown, token: string, position: z.ZodType): T {
  const [encoded = '', mark] = token.split('.');
  const body = Buffer.from(encoded, 'base64url').toString();
  if (mark !== digest(scope, body)) throw invalidToken();
  const parsed = position.safeParse(parseJson(body));
  if (!parsed.success) throw invalidToken();
  return parsed.data as T;
}

/** The refusal of a token that is not from an answer. */
export function invalidToken(): Refused {
  return new Refused(
    'INVALID_NEXT_TOKEN',
    '"next_token": it does not belong to this request, or was altered.',
    'Send the next_token of the last answer unchanged, with the same fields; or leave it out to start again.',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function digest(scope: unknown, body: string): string {
  return createHash('sha256')
    .update(JSON.stringify([scope, body]))
    .digest('base64url')
    .slice(0, 16);
}
