/**
 * Puts message and stack trace of a failure into a payload, which the codec encrypts like any other. CommonJS: the SDK loads
 * it by `require`, and bundles it into the workflows, where failures of workflows are made.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
