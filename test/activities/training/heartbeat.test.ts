import { heartbeatOf } from '../../../activities/training/heartbeat.js';
import type { TrainingEvent } from '../../../config/training.js';
import { foldEvents } from '../../../workflows/policies/progress.js';

it('carries no more of a trainer’s words than a heartbeat holds', () => {
  const waiting: TrainingEvent = { event: 'waiting', time: 1, attempt: 1, step: 0, message: 'No GPU. '.repeat(1e6) };
  const beat = heartbeatOf([waiting], { ...foldEvents([waiting]), state: 'running' }, { stage: 'sweep', pid: 1 });
  expect(beat.waiting).toContain('No GPU.');
  expect(JSON.stringify(beat).length).toBeLessThan(2048);
});
