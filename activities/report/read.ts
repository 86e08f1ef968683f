/** Reads what a report shows beside the facts. A run in progress has not written everything yet: missing is no fault. */
import path from 'node:path';
import { AnswerRow, type Evaluation } from '../../config/evaluation.js';
import { DatasetManifest, type DatasetRef } from '../../config/records.js';
import type { ReportFacts } from '../../config/report.js';
import type { ActivityLog } from '../processes/life.js';
import { readJson, readJsonLines, toPath } from '../storage/files.js';
import { readCurve } from './curves.js';
import type { ReportDetails } from './details.js';
import { chooseExamples, mostExamples } from './examples.js';
import { shortened } from './format.js';

/** Never throws: what can't be read is named in `unread`, for the page, and in the log. */
export async function readDetails(facts: ReportFacts, log: ActivityLog): Promise<ReportDetails> {
  const { business, generic, before, after, trainings } = facts;
  const unread: string[] = [];
  const orElse = async <Value>(uri: string, read: () => Promise<Value>, instead: Value): Promise<Value> => {
    try {
      return await read();
    } catch (error) {
      const why = shortened(error instanceof Error ? error.message : String(error), 300);
      unread.push(`${toPath(uri)}: ${why}`);
      log.warn('The report goes without a file.', { uri, why });
      return instead;
    }
  };
  const manifest = async (dataset: DatasetRef | null) =>
    dataset ? orElse(dataset.uri, () => readManifest(dataset.uri), null) : null;
  const answers = async (evaluation: Evaluation | null, most: number) =>
    evaluation ? orElse(evaluation.answersUri, () => readExamples(evaluation.answersUri, most), []) : [];
  const mostBefore = after.business ? mostExamples.beforeAfter : mostExamples.after;
  const curves = trainings.map(async (training) => {
    const { name, curve } = training;
    const known = { name, device: null, stepsPerEpoch: null, steps: [], evaluations: curve };
    return orElse(training.eventsUri, () => readCurve(training, log), known);
  });
  return {
    manifests: { business: await manifest(business), generic: await manifest(generic) },
    examples: {
      before: await answers(before.business, mostBefore),
      after: await answers(after.business, mostExamples.after),
    },
    curves: await Promise.all(curves),
    unread,
  };
}

async function readManifest(folderUri: string): Promise<DatasetManifest> {
  return DatasetManifest.parse(await readJson(path.join(toPath(folderUri), 'manifest.json')));
}

async function readExamples(answersUri: string, most: number): Promise<AnswerRow[]> {
  const rows: AnswerRow[] = [];
  for await (const line of readJsonLines(toPath(answersUri))) rows.push(AnswerRow.parse(line));
  return chooseExamples(rows, most);
}
