/** One element of markup, with entities resolved. */
export interface MarkupElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text between its start tag and the next tag. */
  readonly text: string;
}

const START_TAG = /<([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>([^<]*)/g;
const ATTRIBUTE = /([\w-]+)(?:="([^"]*)")?/g;

/**
 * The elements of markup that this project made, in order. It reads only quoted attributes, and throws if there is a
 * `<` that does not begin a tag, so a browser cannot read the accepted markup in any other way.
 */
export function parseElements(markup: string): MarkupElement[] {
  const rest = markup.replace(START_TAG, '').replace(/<\/[a-zA-Z][\w-]*>[^<]*/g, '');
  if (rest.includes('<'))
    throw new Error(`Not read as an element: ${rest.slice(rest.indexOf('<')).slice(0, 80)}`);
  return [...markup.matchAll(START_TAG)].map(([, name = '', attributes = '', text = '']) => ({
    name,
    attributes: Object.fromEntries(
      [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [key, resolved(value)]),
    ),
    text: resolved(text),
  }));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function resolved(text: string): string {
  return text.replace(/&[^;]*;/g, (entity) => {
    const character = ENTITIES[entity];
    if (character === undefined) throw new Error(`An entity that this project does not write: ${entity}`);
    return character;
  });
}
