import { readSweepReport } from '../orphans/sweep-report.ts';
import { faultCard } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { errorText } from '../text/error-text.ts';
import { changeAnswer, changesAnswer } from './answers.ts';
import { changeView } from './change-view.ts';
import { changesView } from './changes-view.ts';
import { readDates } from './dates-read.ts';
import { datesView } from './dates-view.ts';
import { findFile, readFile } from './file-read.ts';
import { fileView } from './file-view.ts';
import { readFiles } from './files-read.ts';
import { filesView } from './files-view.ts';
import { frame, type Theme } from './frame.ts';
import { orphansView } from './orphans-view.ts';
import { readOverview } from './overview-read.ts';
import { overviewView } from './overview-view.ts';
import { readAnswer, readDirectly } from './read.ts';
import type { Source } from './source.ts';
import type { ViewContext } from './view-context.ts';
import type { ParsedView, ViewRequest } from './view-request.ts';

const LISTED = 50;

/**
 * Reads what a view needs and draws it. Never throws for what could not be read, or for a wrong request:
 * what is shown says so.
 */
export async function renderDashboard(
  parsed: ParsedView,
  theme: Theme,
  source: Source,
  context: ViewContext,
): Promise<Html> {
  if (!parsed.ok) return frame(undefined, faultCard('This view', parsed.message), theme, context);
  const { request } = parsed;
  return frame(request.view, await drawSafely(request, source, context), theme, context);
}

/** What was kept by another version may be of another form than a view takes it to be. */
async function drawSafely(request: ViewRequest, source: Source, context: ViewContext): Promise<Content> {
  try {
    return await drawView(request, source, context);
  } catch (error) {
    source.noteFault(error);
    return faultCard('This view', errorText(error));
  }
}

async function drawView(request: ViewRequest, source: Source, context: ViewContext): Promise<Content> {
  switch (request.view) {
    case 'overview':
      return overviewView(await readOverview(source), context);
    case 'dates':
      return datesView(await readDates(source), context);
    case 'files':
      if (!request.date && !request.status) return datesView(await readDates(source), context);
      return filesView(request, await readFiles(request, source), context);
    case 'file':
      return fileView(await readFile({ date_prefix: request.date, file_key: request.file }, source), context);
    case 'find':
      return drawFound(request, source, context);
    case 'orphans':
      return orphansView(await readDirectly(source, () => readSweepReport(source)), context);
    case 'changes':
    case 'change':
      return drawChanges(request, source, context);
  }
}

async function drawFound(
  request: Extract<ViewRequest, { view: 'find' }>,
  source: Source,
  context: ViewContext,
): Promise<Html> {
  const found = await findFile(request, source);
  return found ? fileView(found, context) : html``;
}

async function drawChanges(
  request: Extract<ViewRequest, { view: 'changes' | 'change' }>,
  source: Source,
  context: ViewContext,
): Promise<Content> {
  const page = { limit: LISTED, ...(request.next && { next_token: request.next }) };
  if (request.view === 'changes') {
    return changesView(
      await readAnswer(source, { operation: 'list_changes', ...page }, changesAnswer),
      context,
    );
  }
  const asked = { operation: 'get_change' as const, change_id: request.change, ...page };
  return changeView(request.change, await readAnswer(source, asked, changeAnswer), context);
}
