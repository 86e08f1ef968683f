/** The planted faults and the verdicts that name them. What each does to a training is in faults.py, under the same name. */
import type { Cause } from '../../workflows/policies/sanity/causes.js';

/** Set A is that of the thresholds; B has other kinds and other seeds, and only its figures are reported. */
export const plantedSets = {
  A: {
    wholeConversation: ['framework:lossMask'],
    allMasked: ['framework:lossMask'],
    thinksWhenServed: ['framework:template'],
    imageCutOff: ['framework:imageTokens'],
    randomWeights: ['framework:weights'],
    visionFrozen: ['framework:frozen'],
    rateOfNothing: ['framework:learningRate'],
    rateTooLow: ['framework:learningRate'],
    adapterNotServed: ['framework:serving'],
    conflicts: ['data:conflicts'],
    blockShifted: ['data:wrongImage'],
    blurred: ['data:unreadable'],
    cutAnswers: ['data:truncatedAnswers'],
    toldByQuestion: ['data:imageNotNeeded'],
  },
  B: {
    questionTail: ['framework:lossMask'],
    firstTokenOnly: ['framework:lossMask'],
    systemWhenServed: ['framework:template'],
    fewerImageTokens: ['framework:imageTokens'],
    projectorMissing: ['framework:weights'],
    allFrozen: ['framework:frozen'],
    detachedVision: ['framework:frozen'],
    rateTooHigh: ['framework:learningRate', 'framework:optimisation'],
    notANumber: ['framework:optimisation'],
    otherPicturesServed: ['framework:serving'],
    rareConflicts: ['data:conflicts'],
    shuffledBlock: ['data:wrongImage'],
    tinyPictures: ['data:unreadable'],
    paleScans: ['data:unreadable'],
    brokenWords: ['data:truncatedAnswers'],
    answerInQuestion: ['data:imageNotNeeded'],
  },
} as const satisfies Record<string, Record<string, readonly Cause[]>>;

export type SetName = keyof typeof plantedSets;
