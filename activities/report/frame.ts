/** The frame of every page: one file that loads nothing from anywhere, light or dark as the reader's system is. */
import { createHash } from 'node:crypto';
import { type Html, html, trusted } from './html.js';
import { styleSheet } from './style.js';

/** Seconds between two looks at a run that goes on. */
const refreshSeconds = 5;

/** What a page may load: nothing from anywhere, and no script. */
export const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** The one script is known by its digest, so that nothing in the data ever runs; pictures may lie beside the page. */
function policyWithScript(script: string): string {
  const digest = createHash('sha256').update(script).digest('base64');
  return contentPolicy.replace('img-src data:', `img-src data: file: 'self'; script-src 'sha256-${digest}'`);
}

interface PageFrame {
  title: string;
  /** Whether the page loads itself anew. */
  refresh: boolean;
  /** Rules of the page's own, beside those that every page has. */
  style?: string;
  /** A script of ours that runs in the page, and the data that it shows. */
  script?: { text: string; data: unknown };
}

/** The frame that every page of ours has. */
export function pageOf({ title, refresh, style = '', script }: PageFrame, content: Html | readonly Html[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${script ? policyWithScript(script.text) : contentPolicy}">
${refresh ? html`<meta http-equiv="refresh" content="${refreshSeconds}">` : null}
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(styleSheet)}${trusted(style)}</style>
</head>
<body><main>
${content}
</main>${script ? scriptOf(script) : null}</body>
</html>
`.text;
}

/** JSON in a script element ends at no tag that a text in it holds. */
function scriptOf({ text, data }: NonNullable<PageFrame['script']>): Html {
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return html`<script type="application/json" id="data">${trusted(json)}</script><script>${trusted(text)}</script>`;
}
