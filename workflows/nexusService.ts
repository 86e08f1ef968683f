/** The contract of Anneal's Nexus service: what another team's or namespace's workflow may ask of it. */
import * as nexus from 'nexus-rpc';
import type { BoostResult } from '../config/report.js';
import type { BoostRequest } from '../config/task.js';

export const annealService = nexus.service('anneal', {
  /** Runs `boost` to its end. Cancelling the operation cancels the run, which writes its last report first. */
  boost: nexus.operation<BoostRequest, BoostResult>(),
});
