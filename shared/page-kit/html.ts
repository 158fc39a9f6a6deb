import { visibleText } from '../text/visible-text.ts';

// JSON cannot contain a symbol, so no data can ever pass as markup.
const MARKUP = Symbol('markup');

/** Markup that `html` made: the only content that it does not escape. */
export interface Html {
  readonly [MARKUP]: string;
}

/** What may stand in a template. Nothing is shown for `undefined`, `null` and `false`. */
export type Content = Html | string | number | false | null | undefined | readonly Content[];

/**
 * Makes markup from a template: the template's own text is unchanged, and inserted values are escaped, so that they are
 * text wherever they appear. Attributes must be quoted, which is checked. Never insert anything into code or styles.
 */
export function html(literals: TemplateStringsArray, ...values: readonly Content[]): Html {
  const unquoted = literals.slice(0, -1).find((literal) => literal.endsWith('='));
  if (unquoted !== undefined) throw new TypeError(`An attribute needs quotes: …${unquoted.slice(-40)}`);
  return { [MARKUP]: literals.reduce((whole, literal, i) => whole + markupOf(values[i - 1]) + literal) };
}

/** The finished markup, to be sent. */
export function markupOf(content: Content): string {
  if (content === undefined || content === null || content === false) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  return isHtml(content) ? content[MARKUP] : content.map(markupOf).join('');
}

function isHtml(content: Html | readonly Content[]): content is Html {
  return MARKUP in content;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
