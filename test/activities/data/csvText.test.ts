import { decodeCsv, readCsv } from '../../../activities/data/read/csvText.js';

function table(text: string) {
  const wanted = ['image', 'question', 'answer'];
  const { separator, lines } = readCsv(text, { picture: 'image', wanted, required: wanted }, 'labels.csv');
  return { separator, rows: [...lines].map(({ line, cells, fault }) => [line, fault?.reason ?? cells.at(-1)]) };
}
const head = 'image,question,answer\n';

describe('CSV', () => {
  it('keeps commas, quotes and line breaks that stand in quotes, and counts lines over them', () => {
    expect(table(`${head}1.png,q,"a, ""b""\r\nc"\r\n\r\n2.png,q,d\r\n`).rows).toEqual([
      [2, 'a, "b"\nc'],
      [5, 'd'],
    ]);
  });

  it('finds its separator by the wanted columns', () => {
    expect(table('image;question;answer\n1.png;q;12,5\n')).toEqual({ separator: ';', rows: [[2, '12,5']] });
    expect(table('\nimage\tquestion\tanswer\n1.png\tq\ta;b;c;d\n').separator).toBe('\t');
  });

  it('gives up one line for a stray quote, and none of its neighbours', () => {
    expect(table(`${head}1.png,q,a\n2.png,q,"open\n3.png,q,c\n4.png,q,d\n`).rows).toEqual([
      [2, 'a'],
      [3, 'csvQuote'],
      [4, 'c'],
      [5, 'd'],
    ]);
    expect(table(`${head}1.png,q,"a" b\n2.png,q,19" wide\n3.png,q,c`).rows).toEqual([
      [2, 'csvQuote'],
      [3, 'csvQuote'],
      [4, 'c'],
    ]);
  });

  it('finds rows that a forgotten quote has swallowed although the quotes pair up', () => {
    expect(table(`${head}1.png,q,"open\n2.png,q,b\n3.png,q,c"\n4.png,q,d\n`).rows).toEqual([
      [2, 'csvQuote'],
      [3, 'b'],
      [4, 'csvQuote'],
      [5, 'd'],
    ]);
  });

  it('without a wanted column names those that it has and the setting to change', () => {
    expect(() => table('file,question,answer\n1.png,q,a\n')).toThrow(
      /no column "image"; it has "file".*\n.*line 1\n.*fields/s,
    );
    expect(() => table('image,image,question,answer\n')).toThrow(/twice/);
  });

  it('is read as UTF-8, else as Windows-1252, else refused', () => {
    expect(decodeCsv(Buffer.from('é'), 'a').encoding).toBe('utf-8');
    expect(decodeCsv(Buffer.from([0x93, 0xe9, 0x94]), 'a')).toEqual({ text: '“é”', encoding: 'windows-1252' });
    expect(() => decodeCsv(Buffer.from([0x81, 0xe9]), 'a')).toThrow(/neither UTF-8 nor Windows-1252/);
  });

  it('is none where most bytes beyond ASCII stand in rows, as in Chinese or Cyrillic: they are no accents', () => {
    const gbk = Buffer.from([0xca, 0xb2, 0xc3, 0xb4, 0xd1, 0xd5, 0xc9, 0xab]);
    const cyrillic = Buffer.from([0xea, 0xf0, 0xe0, 0xf1, 0xed, 0xfb, 0xe9]);
    for (const bytes of [gbk, cyrillic]) expect(() => decodeCsv(bytes, 'a')).toThrow(/neither UTF-8 nor Windows-1252/);
    const western = Buffer.from('Größe,déjà vu,«là»,naïve “Œuvre”', 'latin1');
    expect(decodeCsv(western, 'a').encoding).toBe('windows-1252');
  });

  it.each([
    ['sep=;\r\nimage;question;answer\r\n1.png;q;a,b\r\n', ';', 0],
    ['sep=\t\nimage\tquestion\tanswer\n1.png\tq\ta,b\n', '\t', 0],
    ['My labels, 2024\n"image";"question";"answer"\n1.png;q;a,b\n', ';', 1],
    ['# by a tool\n\nimage,question,answer\n1.png,q,"a,b"\n', ',', 1],
  ])('has its header below what spreadsheets and tools write above it: %j', (text, separator, above) => {
    const wanted = ['image', 'question', 'answer'];
    const read = readCsv(text, { picture: 'image', wanted, required: wanted }, 'labels.csv');
    expect(read).toMatchObject({ separator, above, header: wanted });
    const line = text.split('\n').findIndex((each) => each.startsWith('1.png')) + 1;
    expect([...read.lines]).toEqual([{ line, cells: ['1.png', 'q', 'a,b'], fault: null }]);
  });

  it('has columns without the invisible characters round their names', () => {
    expect(table('\u200bimage,\u00a0question,answer\u200e\n1.png,q,a\n').rows).toEqual([[2, 'a']]);
  });
});
