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
});
