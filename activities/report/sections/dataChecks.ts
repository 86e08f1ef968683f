/** What the checks across all rows of a dataset found: each a figure, and the share of the dataset that it concerns. */
import type { DatasetManifest } from '../../../config/records.js';
import { imbalancedAbove } from '../../../workflows/policies/scoring/balanced.js';
import { count, counted, percent, words } from '../format.js';
import { type Html, html } from '../html.js';
import { table } from './parts.js';

interface Check {
  name: string;
  figure: string;
  /** Of the records, pictures or texts that were looked at; null where there is no such whole. */
  share: number | null;
  says: string;
  /** Whether a person should look. */
  bad: boolean;
}

/** Null for a dataset of an earlier version, which has no such figures. */
export function checksTable(manifest: DatasetManifest): Html | null {
  if (!manifest.checks) return null;
  const rows = checksOf(manifest, manifest.checks).map(({ name, figure, share, says, bad }) => [
    html`${name} <small>${says}</small>`,
    share === null ? '' : barOf(share, bad),
    html`<b class="${bad ? 'misfit' : 'fits'}">${figure}</b>${share === null ? null : html` <small>${percent(share)}</small>`}`,
  ]);
  return html`<h4>What the checks found</h4>${table(['Check', 'Share', 'Found'], rows, 'numbers checks')}`;
}

function barOf(share: number, bad: boolean): Html {
  const width = 100 * Math.min(1, share);
  return html`<div class="bar" aria-hidden="true"><i class="${bad ? 'rejected' : 'used'}" style="width:${width}%"></i></div>`;
}

function checksOf(
  { counts, answers, tokens }: DatasetManifest,
  checks: NonNullable<DatasetManifest['checks']>,
): Check[] {
  const { conflicts, nearPictures: pictures, nearTexts: texts, languages, personalData, leaks, splits } = checks;
  const of = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
  const crossing = leaks.samePicture + leaks.nearPicture + leaks.sameGroup;
  const personal = personalData.reduce((sum, { rows }) => sum + rows, 0);
  const found: Check[] = [
    {
      name: 'Leaks',
      figure: count(crossing),
      share: null,
      says: 'pictures, near-duplicates and groups on two sides of the split; 0 is the proof',
      bad: crossing > 0,
    },
    {
      name: 'Contradictions',
      figure: counted(conflicts, 'record'),
      share: of(conflicts, counts.used),
      says: 'the same pictures and question, another answer',
      bad: conflicts > 0,
    },
    {
      name: 'Near-duplicate pictures',
      figure: counted(pictures.members, 'picture'),
      share: of(pictures.members, counts.images),
      says:
        pictures.clusters === 0
          ? 'copies that were compressed, resized or brightened'
          : `in ${counted(pictures.clusters, 'cluster')} of up to ${count(pictures.largest)}, each on one side of the split`,
      bad: false,
    },
    {
      name: 'Perhaps near-duplicates',
      figure: counted(pictures.suspects + pictures.mirrors, 'pair'),
      share: null,
      says: `${count(pictures.mirrors)} of them mirrored; not merged`,
      bad: false,
    },
    {
      name: 'Near-duplicate texts',
      figure: counted(texts.members, 'text'),
      share: of(texts.members, texts.texts),
      says: texts.reason ?? `of ${counted(texts.texts, 'record')} without a picture`,
      bad: false,
    },
    {
      name: 'Commonest answer',
      figure: `“${answers.largest.slice(0, 40)}”`,
      share: answers.largestShare,
      says: `of ${counted(answers.distinct, 'answer')}, ${count(answers.once)} seen once`,
      bad: answers.distinct > 1 && answers.largestShare > imbalancedAbove,
    },
    {
      name: 'Rare classes',
      figure: counted(splits.moved, 'group'),
      share: null,
      says: `moved so that each is learnt and judged; ${counted(splits.giants, 'group')} too large to be held out`,
      bad: false,
    },
    {
      name: 'Other languages',
      figure: counted(languages.foreign, 'text'),
      share: of(languages.foreign, languages.texts),
      says: languages.main ? `than ${languages.main}` : 'no main language is told',
      bad: languages.foreign > 0,
    },
    {
      name: 'Personal data, perhaps',
      figure: counted(personal, 'row'),
      share: of(personal, counts.used),
      says:
        personalData.map(({ kind, rows }) => `${words(kind)} ${count(rows)}`).join(', ') ||
        'addresses, numbers of accounts, cards, phones and persons',
      bad: personal > 0,
    },
    {
      name: 'Longest record',
      figure: `${count(tokens.imageMaximum + tokens.textBytesMaximum)} tokens at most`,
      share: null,
      says: `${count(tokens.imageMaximum)} of pictures; longer ones are rejected, never cut`,
      bad: false,
    },
  ];
  return found;
}
