import type { ReportFacts } from '../../config/report.js';
import type { ReportDetails } from './details.js';
import type { Pictures } from './pictures.js';

/** Everything that the page is made of. */
export interface ReportView {
  facts: ReportFacts;
  details: ReportDetails;
  pictures: Pictures;
}
