/** A part of a text under a heading of the second level. */
export interface Section {
  readonly heading: string;
  /** Without the heading. */
  readonly text: string;
}

const FENCED = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The text before the first section, and the sections. */
export function sectionsOf(text: string): { readonly preface: string; readonly sections: Section[] } {
  const [preface = '', ...rest] = text.split(/^## /m);
  const sections = rest.map((part) => {
    const end = part.indexOf('\n');
    return { heading: part.slice(0, end).trim(), text: part.slice(end + 1) };
  });
  return { preface, sections };
}

/** The text under a label such as `**Look.**`, up to the next label; undefined if there is no such label. */
export function partOf({ text }: Section, label: string): string | undefined {
  const [, part] =
    new RegExp(`^\\*\\*${label}\\.\\*\\*([\\s\\S]*?)(?=^\\*\\*[A-Z][\\w ]*\\.\\*\\*|(?![\\s\\S]))`, 'm').exec(
      text,
    ) ?? [];
  return part;
}

/** The commands of all bash blocks, each on one line. */
export function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(FENCED)].filter(([, language]) => language === 'bash');
  return blocks.flatMap(([, , block = '']) =>
    block
      .replace(/\s*\\\n\s*/g, ' ')
      .split('\n')
      .filter((line) => line.trim() !== ''),
  );
}

/** Everything between single backticks, outside code blocks. */
export function codeIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The targets of a text's links, without addresses on the network. */
export function linksIn(text: string): string[] {
  const targets = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that GitHub gives the headings of a text; a repeated heading gets a number after its name. */
export function anchorsOf(text: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = [...withoutBlocks(text).matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) => {
      const anchor = anchorOf(heading);
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before > 0 ? `${anchor}-${before}` : anchor;
    }),
  );
}

function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

function withoutBlocks(text: string): string {
  return text.replace(FENCED, '');
}
