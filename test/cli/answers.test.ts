import { askedBy } from '../../cli/answers.js';
import { answerText } from '../../config/questions.js';

const person = { by: 'your name', why: 'your reason' };
const overrule = answerText({
  update: 'overrule',
  input: { decision: 'mixGeneric', verdict: '5 business : 1', ...person },
});
const extend = answerText({ update: 'extendBudget', input: { trainerHours: 8, money: 3.5, ...person } });
const stop = answerText({ update: 'stop', input: person });
const approve = answerText({ update: 'approve', input: { promote: true, ...person } });

describe('the command that answers a question', () => {
  it.each([
    [
      `mixGeneric is cannotTell. It is 0.5 points (of {2}).  To go on send ${overrule}`,
      'mixGeneric is cannotTell. It is 0.5 points (of {2}).',
      `anneal overrule run mixGeneric '5 business : 1' --why "<reason>"`,
    ],
    [
      `budget/1 is reached. Spent.  To train on, with new totals, send ${extend}; to go on with what is there, ${stop}`,
      'budget/1 is reached. Spent.',
      'anneal budget run --money 3.5 --trainer-hours 8 --why "<reason>"',
    ],
    [
      `It gains 2.1 points. Shall it take over? Send ${approve}`,
      'It gains 2.1 points. Shall it take over?',
      'anneal approve run --why "<reason>"',
    ],
  ])('of %s', (question, text, answer) => {
    expect(askedBy(question, 'run')).toEqual({ text, answer, lines: [expect.stringContaining(answer)] });
  });

  it.each(['{promote: true}', '{"promote": yes}', 'no reason'])('is found behind a person’s own words: %s', (words) => {
    const question = `Ada overruled "keep": the update approve with ${words} came late. Shall it take over? Send ${approve}`;
    expect(askedBy(question, 'run').answer).toBe('anneal approve run --why "<reason>"');
  });

  it('names the workflow, which a reset leaves as it is', () => {
    expect(askedBy(`Send ${approve}`, 'retrain-my parts.1a2b3c4d').answer).toBe(
      `anneal approve 'retrain-my parts' --why "<reason>"`,
    );
  });

  it('is none where no update is named', () => {
    expect(askedBy('Which one?', 'run')).toEqual({ text: 'Which one?', answer: null, lines: [] });
  });
});
