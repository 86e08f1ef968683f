import fc from 'fast-check';
import { Clusters } from '../../../../activities/data/checks/clusters.js';
import { Languages, languageOf } from '../../../../activities/data/checks/language.js';
import { LeakProof } from '../../../../activities/data/checks/leaks.js';
import { PersonalData, personalDataIn } from '../../../../activities/data/checks/personalData.js';

const kindsIn = (text: string) => personalDataIn(text).map(({ kind }) => kind);

describe('personal data', () => {
  it.each([
    ['email', 'Please write to jane.doe+bills@mail.acme-corp.co.uk today.'],
    ['iban', 'Pay to DE89 3704 0044 0532 0130 00, thank you'],
    ['iban', 'GB82WEST12345698765432'],
    ['card', 'Card 4111 1111 1111 1111 exp 09/27'],
    ['card', 'amex 378282246310005'],
    ['phone', 'Call +49 (0)30 901820-12 or come by'],
    ['phone', '0033 1 42 68 53 00'],
    ['nationalId', 'SSN 078-05-1120'],
    ['nationalId', 'CPF 111.444.777-35'],
    ['nationalId', 'DNI 12345678Z'],
  ])('finds %s in "%s"', (kind, text) => {
    expect(kindsIn(text)).toEqual([kind]);
  });

  it.each([
    'The total is 4111 1111 1111 1112 units',
    'DE89 3704 0044 0532 0130 01',
    'CPF 111.444.777-36',
    'DNI 12345678A',
    'Meter reads 0012345678901234',
    'size 1920 x 1080, weight 12.5 kg, on 2026-11-25 at 19:07:10',
    'part no. 4000-0000-0000 rev 2',
    'write to someone@example.com',
    'pixel (12, 34) and box [10,20,110,220]',
    '3.14159265358979323846',
  ])('finds nothing in "%s"', (text) => {
    expect(kindsIn(text)).toEqual([]);
  });

  it('never shows a value, wherever it stands and whatever is around it', () => {
    const values = [
      'jane.doe@acme.org',
      'DE89370400440532013000',
      '4111111111111111',
      '078-05-1120',
      '+49 30 901820 12',
    ];
    const property = fc.property(fc.constantFrom(...values), fc.string(), fc.string(), (value, before, after) => {
      const data = new PersonalData();
      data.add(`${before} ${value} ${after}`, 'place');
      const shown = JSON.stringify(data.figures());
      for (const part of value.split(/[^\p{L}\p{N}]/u).filter((each) => each.length > 2))
        expect(shown).not.toContain(part);
    });
    fc.assert(property);
  });

  it('counts rows by kind and keeps the first places', () => {
    const data = new PersonalData();
    for (let line = 1; line <= 9; line += 1) data.add('a@b.org and c@d.org', `r.jsonl, line ${line}`);
    expect(data.figures()).toEqual([
      { kind: 'email', rows: 9, first: [1, 2, 3, 4, 5].map((line) => `r.jsonl, line ${line}: …@…`) },
    ]);
  });

  it('ends soon on hostile texts', () => {
    for (const text of [
      '+1'.repeat(50_000),
      '0'.repeat(100_000),
      'a.'.repeat(50_000),
      'A1B2'.repeat(25_000),
      '4 '.repeat(50_000),
    ])
      expect(personalDataIn(text).length).toBeLessThan(50_000);
  });
});

describe('language', () => {
  it.each([
    ['en', 'A red car is parked in front of a white house'],
    ['de', 'Ein rotes Auto steht vor einem weißen Haus'],
    ['fr', 'Une voiture rouge est garée devant une maison blanche'],
    ['ja', '家の前に赤い車が止まっている'],
    ['zh', '一辆红色的汽车停在房子前面'],
  ])('tells %s', (language, text) => {
    expect(languageOf(text)).toBe(language);
  });

  it.each(['', '42', 'Yes', 'cat', 'INV-2026/0042', 'left, red'])('does not guess for "%s"', (text) => {
    expect(languageOf(text)).toBeNull();
  });

  it('reports long texts in another language than the main one, with their places', () => {
    const languages = new Languages();
    for (let line = 1; line <= 8; line += 1)
      languages.add('The valve on the left side of the pipe is open.', `line ${line}`);
    languages.add('Das Ventil auf der linken Seite des Rohres ist geöffnet.', 'line 9');
    languages.add('42', 'line 10');
    expect(languages.figures()).toEqual({
      texts: 10,
      undetermined: 1,
      byLanguage: [
        { language: 'en', texts: 8 },
        { language: 'de', texts: 1 },
      ],
      main: 'en',
      foreign: { texts: 1, first: [{ language: 'de', where: 'line 9' }] },
    });
  });
});

describe('LeakProof', () => {
  const clusters = new Clusters(4);
  clusters.unite(0, 1);

  it('finds nothing where pictures, near pictures and groups stay on one side', () => {
    const proof = new LeakProof(4, clusters);
    proof.add({ id: 'a', split: 'train', group: 'g', pictures: [0] });
    proof.add({ id: 'b', split: 'train', group: 'g', pictures: [1, 2] });
    proof.add({ id: 'c', split: 'test', group: 'h', pictures: [3] });
    expect(proof.found()).toEqual({ crossing: { samePicture: 0, nearPicture: 0, sameGroup: 0 }, first: [] });
  });

  it('counts what crosses once a kind, with the record that brought it over', () => {
    const proof = new LeakProof(4, clusters);
    proof.add({ id: 'a', split: 'train', group: 'g', pictures: [0] });
    proof.add({ id: 'b', split: 'test', group: 'h', pictures: [1] });
    proof.add({ id: 'c', split: 'dev', group: 'g', pictures: [2] });
    proof.add({ id: 'd', split: 'validation', group: 'g', pictures: [2] });
    expect(proof.found()).toEqual({
      crossing: { samePicture: 1, nearPicture: 2, sameGroup: 1 },
      first: [
        { tie: 'nearPicture', id: 'b', split: 'test' },
        { tie: 'sameGroup', id: 'c', split: 'dev' },
        { tie: 'samePicture', id: 'd', split: 'validation' },
        { tie: 'nearPicture', id: 'd', split: 'validation' },
      ],
    });
  });
});
