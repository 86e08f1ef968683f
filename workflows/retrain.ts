import type { RetrainInput, RetrainResult } from '../config/retraining.js';
import { enoughNew } from './policies/retraining/enoughNew.js';
import { contest } from './retraining/contest.js';
import { openRound } from './retraining/round.js';

/**
 * One round of retraining: where the data of a task has grown, the whole recipe trains a challenger, which takes the
 * champion's place only by the gate of methods M13. Takes one object, RetrainInput.
 */
export async function retrain(input?: RetrainInput): Promise<RetrainResult> {
  const round = await openRound(input); // freezes recipe and standing; a webhook that can't be called ends it here
  return round.follow(async () => {
    const data = await round.once('data', () => round.buildData());
    if (data === null) return round.leave('unchanged', 'The data is what it was at the last round.');

    const news = await round.once('news', () => round.findNews(data));
    if (news) {
      const { train, trainBefore, window, drift } = news;
      const { verdict } = round.decide('retrain/drift', drift);
      const figures = { train, trainBefore, window, drift: verdict };
      const enough = round.decide('retrain/enough', enoughNew(figures, round.settings));
      if (enough.verdict === 'wait') return round.leave('waits', enough.reason);
    }
    const { challenger, solved, verdict } = await round.once('train', () => round.train(data));
    if (challenger === null) return round.close({ verdict: 'refused', reason: `No challenger came of it. ${verdict}` });
    if (!news) return round.close({ verdict: solved ? 'first' : 'refused', reason: verdict, challenger });

    const { labels, gate, anchorScores } = await contest(round, { data, news, challenger });
    const met = { challenger, contest: true, anchorScores };
    if (labels.verdict === 'doubtful') return round.close({ ...met, verdict: 'refused', reason: labels.reason });
    if (gate.verdict !== 'promote') return round.close({ ...met, verdict: 'kept', reason: gate.reason });
    const approval = await round.approval(gate);
    return round.close({ ...met, verdict: approval.promote ? 'promoted' : 'kept', reason: approval.reason });
  });
}
