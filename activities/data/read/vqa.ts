/** VQAv2: questions in one file, their ten answers in another beside it. Either may be named, and both. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { problem } from '../../../config/problems.js';
import { counted } from '../faults.js';
import { mostGiven } from '../records/answerText.js';
import { openPacked } from './bytes.js';
import type { FileFormat, Opening, ReadRow, RowFile } from './format.js';
import { type Entry, entriesOf, firstOf, type Id, imageFolder, isId, joinedRow, rowsOf, subsetIn } from './joined.js';
import { membersOf } from './members.js';
import { nameOf, rowFile } from './rowFile.js';
import { TextsById } from './textStore.js';

export const vqa: FileFormat = {
  name: 'vqa',
  recognise({ start }) {
    const [question, annotation] = [firstOf(start, 'questions'), firstOf(start, 'annotations')];
    if ('question_id' in question && 'question' in question)
      return { confidence: 'sure', why: 'questions with question_id' };
    return 'question_id' in annotation ? { confidence: 'sure', why: 'annotations with question_id' } : null;
  },
  async open(opening) {
    const { questions, annotations } = await pairOf(opening);
    if (questions === null) throw questionsMissing(opening);
    const joined = opening.file !== questions && opening.listed.includes(questions);
    if (joined)
      return { ...rowFile(opening, 'vqa annotations'), partOf: nameOf(questions, opening.root), rows: noRows() };
    return questionFile(opening, questions, annotations);
  },
  async *contents(opening) {
    const { questions, annotations } = await pairOf(opening);
    for (const file of [questions, annotations]) if (file) yield* openPacked(file, nameOf(file, opening.root));
  },
};

async function* noRows(): AsyncGenerator<never> {}

function questionsMissing({ file, named }: Opening) {
  const expected = path.basename(file).replace('annotations', 'questions');
  const like =
    expected === path.basename(file) ? 'the file of the questions' : `${expected}, with or without OpenEnded_,`;
  return problem('DatasetInvalid', {
    what: 'It holds the answers of VQA, and the file of their questions is not beside it.',
    where: named,
    todo: `Put ${like} into the same folder, or leave this file out of the sources.`,
  });
}

/** The file that completes this one: of the same folder, with the other's keys, and of the same subset by its name. */
async function pairOf({ file, start }: Opening): Promise<{ questions: string | null; annotations: string | null }> {
  const own = start.members?.has('questions') ? 'questions' : 'annotations';
  const other = own === 'questions' ? 'annotations' : 'questions';
  const folder = path.dirname(file);
  const candidates = (await readdir(folder)).filter(
    (name) => name.includes(other) && subsetIn(name) === subsetIn(path.basename(file)),
  );
  for (const name of candidates.sort()) {
    const found = path.join(folder, name);
    if (!/\.json(\.\w+)?$/i.test(name) || found === file) continue;
    if (!(await membersOf(found, name)).has(other)) continue;
    return own === 'questions' ? { questions: file, annotations: found } : { questions: found, annotations: file };
  }
  return own === 'questions' ? { questions: file, annotations: null } : { questions: null, annotations: file };
}

/** A row a question, with the answer that most people gave; without annotations it waits for one. */
async function questionFile(opening: Opening, questions: string, annotations: string | null): Promise<RowFile> {
  const named = nameOf(questions, opening.root);
  const answers = new TextsById();
  if (annotations)
    for await (const entry of entriesOf(annotations, nameOf(annotations, opening.root), 'annotations'))
      if (isId(entry['question_id'])) answers.set(entry['question_id'], answerOf(entry));
  const members = await membersOf(questions, named);
  const image = await imageNames(opening, members.get('data_subtype') ?? subsetIn(questions), firstImage(members));
  const made = { ...rowFile(opening, annotations ? 'vqa' : 'vqa questions'), named, folder: image.folder };
  const asked = new Set<Id>();
  const rows = rowsOf({ file: questions, named }, 'questions', (entry) => {
    const { question_id: id, image_id: imageId, question } = entry;
    const answer = isId(id) ? (answers.get(id) ?? null) : null;
    if (answer !== null) asked.add(id as Id);
    return joinedRow(
      entry,
      { id: isId(id) ? id : named, image: image.nameOf(imageId as Id), question: String(question), answer },
      opening,
    );
  });
  return { ...made, rows: thenNoted() };

  async function* thenNoted(): AsyncGenerator<ReadRow> {
    yield* rows;
    const left = answers.size - asked.size;
    if (left > 0) made.notes.push(`${named}: ${counted(left, 'annotation')} of questions that are not there.`);
  }
}

function firstImage(members: ReadonlyMap<string, unknown>): Id {
  const first = members.get('questions') as Entry | undefined;
  return isId(first?.['image_id']) ? first['image_id'] : 0;
}

/** Rule `mostGiven`; where several were given as often, the one that VQAv2 itself chose. */
function answerOf({ answers, multiple_choice_answer: chosen }: Entry): string {
  const given = Array.isArray(answers) ? answers.map((each) => (each as Entry)['answer']) : [];
  const votes = (answer: unknown) =>
    given.filter((each) => String(each).toLowerCase() === String(answer).toLowerCase()).length;
  const most = mostGiven(given);
  return typeof chosen === 'string' && votes(chosen) >= votes(most) ? chosen : most;
}

/** COCO's names of 2014, of 2017, or the bare number: whichever is there for the first picture. */
async function imageNames(
  opening: Opening,
  subset: unknown,
  first: Id,
): Promise<{ folder: string; nameOf: (id: Id) => string }> {
  const digits = (id: Id) => String(id).padStart(12, '0');
  const named = typeof subset === 'string' ? subset : null;
  const forms = [
    (id: Id) => `COCO_${named}_${digits(id)}.jpg`,
    (id: Id) => `${digits(id)}.jpg`,
    (id: Id) => `${id}.jpg`,
    (id: Id) => `${id}.png`,
  ];
  for (const form of forms) {
    const folder = await imageFolder(opening, form(first), named);
    if (await holds(folder, form(first))) return { folder, nameOf: form };
  }
  return { folder: path.dirname(opening.file), nameOf: forms[0] as (id: Id) => string };
}

async function holds(folder: string, name: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [] as string[])).includes(name);
}
