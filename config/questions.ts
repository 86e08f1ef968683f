/** What a person is asked: one text, which holds the updates that answer it, each with an input that could be sent. */

export interface Answer {
  /** Name of the update. */
  update: string;
  /** Flat: no object in it. */
  input: Record<string, unknown>;
}

/** How a question names an answer; `readQuestion` finds it again. */
export function answerText({ update, input }: Answer): string {
  return `the update ${update} with ${JSON.stringify(input)}`;
}

const answerForm = /the update (\w+) with (\{"\w+":(?:[^{}"]|"(?:[^"\\]|\\.)*")*\})/g;

/** What is asked, without the sentence that says how to answer, and the answers in it, the one that goes on first. */
export function readQuestion(question: string): { text: string; answers: Answer[] } {
  const found = [...question.matchAll(answerForm)].flatMap(({ index, 1: update = '', 2: text = '' }) => {
    const input = inputOf(text);
    return input === null ? [] : [{ index, answer: { update, input } }];
  });
  const [first] = found;
  const answers = found.map(({ answer }) => answer);
  if (!first) return { text: question.trim(), answers };
  const before = question.slice(0, first.index).trim();
  const text = /^(.*[.?!:)])\s[^.?!:)]*$/s.exec(before)?.[1] ?? before;
  return { text: text.trim(), answers };
}

/** A person's own words, which a question quotes, may look alike. */
function inputOf(text: string): Answer['input'] | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
