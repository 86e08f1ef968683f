/** A worker as the supervisor sees it: says ready, ends with its parent and on SIGTERM. */
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
console.log(
  `worker ${process.argv[2]} at ${process.env.TEMPORAL_ADDRESS}, namespace ${process.env.TEMPORAL_NAMESPACE}`,
);
process.send({ ready: true });
