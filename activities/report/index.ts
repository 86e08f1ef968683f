/** Writes a run's report: report.json with all facts, report.html for people. Rendered anew after every step. */
import path from 'node:path';
import type { ReportFacts } from '../../config/report.js';
import type { ActivityLife, ActivityLog } from '../processes/life.js';
import { toPath, toUri, writeJson, writeWhole } from '../storage/files.js';
import type { ReportFile } from './details.js';
import { renderHtml } from './page.js';
import { type Bring, readPictures } from './pictures.js';
import { readDetails } from './read.js';

export interface ReportDeps extends Pick<ActivityLife, 'heartbeat'> {
  log: ActivityLog;
  /** Needed where the pictures of datasets are not on this disk. */
  bring?: Bring | undefined;
  /** The facts as other machines should read them: with the store's URIs, where there is a store. */
  toStored?: (<Value>(value: Value) => Value) | undefined;
}

export interface RenderReportInput {
  /** URI of the run's folder; facts without a recipe don't know it. */
  folder: string;
  facts: ReportFacts;
}

export function createReportActivities({ heartbeat, log, bring, toStored = (value) => value }: ReportDeps) {
  return {
    /** Writes both files, each whole. The same facts and files give the same report. Throws NoSpace. */
    async renderReport({ folder, facts }: RenderReportInput): Promise<{ reportUri: string }> {
      heartbeat('reading');
      const details = await readDetails(facts, log);
      const { before, after } = details.examples;
      const pictures = await readPictures(facts, [...before, ...after], { log, bring });
      heartbeat('writing');
      const file: ReportFile = { ...facts, details };
      await writeJson(path.join(toPath(folder), 'report.json'), toStored(file));
      const page = path.join(toPath(folder), 'report.html');
      await writeWhole(page, renderHtml({ facts, details, pictures }));
      log.info('Rendered the report.', { run: facts.run, state: facts.state, unread: details.unread.length });
      return { reportUri: toUri(page) };
    },
  };
}
export type ReportActivities = ReturnType<typeof createReportActivities>;
