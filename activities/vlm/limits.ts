/** How long and how often an endpoint is asked before its silence counts. Judgements, not measurements. */
export interface AskingLimits {
  /** No whole reply within this many seconds is a time-out, which is retried. */
  replySeconds: number;
  /** Tries of one item at passing faults: 502, 503, 504, time-outs, cut connections. */
  tries: number;
  /** Tries at a bare 500: some servers give it for one bad picture, where more tries buy nothing. */
  serverErrorTries: number;
  /** Pause before the second try in seconds; doubled each time, with jitter. */
  firstPauseSeconds: number;
  longestPauseSeconds: number;
  /** A server that asks for a longer wait, or says "slow down" for longer, is unavailable: Temporal tries again later. */
  longestWaitSeconds: number;
  /** So many records in a row that the server won't take: the fault may be ours, and the control question tells. */
  skippedInARow: number;
}

export const defaultLimits: AskingLimits = {
  replySeconds: 60,
  tries: 6,
  serverErrorTries: 3,
  firstPauseSeconds: 0.5,
  longestPauseSeconds: 30,
  longestWaitSeconds: 600,
  skippedInARow: 8,
};
