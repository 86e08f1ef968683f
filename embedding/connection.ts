/** `anneal-vlm/connection`: how to reach Temporal and what to encrypt, from the environment, as Anneal's own workers and commands do. */
export { type TemporalSettings, temporalSettings } from '../connection/settings.js';
