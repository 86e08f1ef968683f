/** The look of every page: calm, readable on a phone, in the dark and on paper. */
import { darkInkRules, inks } from './charts/palette.js';

const variables = `
:root{color-scheme:light dark;--paper:#faf8f4;--card:#fff;--ink:${inks.strong.light};--soft:${inks.text.light};--line:${inks.grid.light};--accent:${inks.blue.light};--tint:#eef4f9;--good:#00694d;--bad:#a8430a;--warn:#8a5a00;--badTint:#fdf1ea;--warnTint:#fdf5e2;--goodTint:#e8f4f0;
--text:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;--serif:"Iowan Old Style","Palatino Linotype",Palatino,"Source Serif 4",Charter,Georgia,serif;--mono:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
`;

const dark = `--paper:#141619;--card:${inks.paper.dark};--ink:${inks.strong.dark};--soft:${inks.text.dark};--line:${inks.grid.dark};--accent:${inks.blue.dark};--tint:#1a2733;--good:#4fd0a6;--bad:#ff9a5c;--warn:#f0bd4f;--badTint:#2e2119;--warnTint:#2c2618;--goodTint:#182a25`;

const base = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--text);font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:66rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
h1,h2,h3,p,ol,ul,dl,dd,figure,pre{margin:0;padding:0}
h1{font:500 clamp(1.55rem,1.1rem + 2vw,2.3rem)/1.25 var(--serif);letter-spacing:-.01em;text-wrap:pretty;max-width:34em;margin:.7rem 0 .6rem}
h2{font:600 1.2rem/1.3 var(--text);letter-spacing:-.01em}
h3{font:600 1rem/1.4 var(--text)}
h3 small,h3+p small{font-weight:400}
small{font-size:.85em;color:var(--soft)}
code,pre{font:.86em/1.55 var(--mono)}
a{color:var(--accent)}
section{margin-top:3.2rem;padding-top:1.1rem;border-top:1px solid var(--line);scroll-margin-top:2.6rem}
section>*+*{margin-top:1.1rem}
.lead{color:var(--soft);margin-top:.15rem;max-width:44em}
.note,figcaption,.about{color:var(--soft);font-size:.88rem;max-width:52em}
.note b,figcaption b{color:var(--ink);font-weight:600}
.nothing{color:var(--soft);font-style:italic}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.1rem 1.25rem;min-width:0}
.card>*+*{margin-top:.6rem}
.scroll{overflow-x:auto}
table{overflow-wrap:break-word}
.stack>*+*{margin-top:.8rem}
`;

const opening = `
.crumb{display:flex;flex-wrap:wrap;gap:.4rem .7rem;align-items:center;font-size:.92rem;color:var(--soft)}
.brand{font-weight:650;letter-spacing:.01em;color:var(--ink)}
.task::before{content:"/";margin-right:.7rem;color:var(--line)}
.badge{font-size:.8rem;font-weight:600;padding:.12rem .65rem;border-radius:99px;background:var(--tint);color:var(--accent);white-space:nowrap}
.badge.done{background:var(--goodTint);color:var(--good)}
.badge.failed,.badge.notSolved{background:var(--badTint);color:var(--bad)}
.badge.waiting{background:var(--warnTint);color:var(--warn)}
.badge.cancelled{background:var(--line);color:var(--soft)}
.about{font-size:1rem}
.meta{display:flex;flex-wrap:wrap;gap:.15rem 1.2rem;margin-top:.9rem;font-size:.84rem;color:var(--soft)}
nav{display:flex;gap:1.2rem;overflow-x:auto;margin-top:1.8rem;padding:.6rem 0;font-size:.88rem;scrollbar-width:none;position:sticky;top:0;z-index:1;background:var(--paper);border-bottom:1px solid var(--line)}
nav a{color:var(--soft);text-decoration:none;white-space:nowrap}
nav a:hover{color:var(--accent);text-decoration:underline}
nav+section{border-top:0;margin-top:1.2rem}
.notice{margin-top:1.4rem;padding:1.1rem 1.25rem;border-radius:12px;background:var(--tint);border-left:4px solid var(--accent)}
.notice>*+*{margin-top:.7rem}
.notice.ask{background:var(--warnTint);border-color:var(--warn)}
.notice.bad{background:var(--badTint);border-color:var(--bad)}
.notice ul{padding-left:1.2rem}
.question{font-size:1.05rem;max-width:46em}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
pre.copy{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;user-select:all}
.progress{list-style:none;display:grid;grid-template-columns:repeat(auto-fit,minmax(6.6rem,1fr));gap:.8rem .6rem;margin-top:1.6rem;font-size:.82rem;line-height:1.3}
.progress li{border-top:3px solid var(--line);padding-top:.45rem;color:var(--soft)}
.progress small{display:block}
.progress .was{border-color:var(--accent);color:var(--ink)}
.progress .now{border-color:var(--accent);border-top-style:dashed;color:var(--ink);font-weight:600}
.progress .asks{border-color:var(--warn)}
@media (prefers-reduced-motion:no-preference){.progress .now{animation:breathe 2.4s ease-in-out infinite}}
@keyframes breathe{50%{opacity:.55}}
`;

const figures = `
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr));gap:1rem}
.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem 1.25rem 1.1rem}
.tile h3 small{display:block;line-height:1.3}
.big{display:flex;flex-wrap:wrap;align-items:baseline;gap:.1rem .55rem;margin:.55rem 0 .3rem;line-height:1.15;white-space:nowrap}
.figure{font-size:2.1rem;font-weight:600;letter-spacing:-.02em}
.before{font-size:1.25rem;color:var(--soft)}
.arrow{color:var(--soft)}
.under{display:flex;flex-wrap:wrap;gap:0 .9rem;font-size:.84rem;color:var(--soft)}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:1.2rem 2.2rem;align-items:start}
.beside>*{min-width:0}
figure svg{display:block;width:100%;max-width:460px;height:auto}
figure svg.swatch,.swatch{display:inline-block;width:26px;height:8px;flex:none}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.84rem}
.legend span{display:inline-flex;align-items:center;gap:.4rem}
.dot{width:.7rem;height:.7rem;border-radius:50%;background:var(--accent)}
.dot.hollow{background:var(--card);border:2.4px solid ${inks.before.light}}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:baseline;padding:.42rem .9rem .42rem 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.8rem;font-weight:500;color:var(--soft);white-space:nowrap}
tbody th{font-weight:400}
tbody tr:last-child>*{border-bottom:0}
.numbers th:not(:first-child),.numbers td{text-align:right}
.numbers td small{white-space:nowrap}
.overrides td:last-child{white-space:nowrap}
.total tbody tr:last-child>*{font-weight:600;border-top:1px solid var(--soft)}
.what{display:block;max-width:30em;text-wrap:pretty}
`;

const story = `
.decisions{list-style:none;display:grid;gap:.9rem;counter-reset:decision}
.decisions .card{position:relative;padding-left:3.4rem;counter-increment:decision}
.decisions .card::before{content:counter(decision);position:absolute;left:1.25rem;top:1.15rem;width:1.4rem;color:var(--soft);font-size:.84rem}
.decisions h3{font-size:1.08rem}
.decisions .card>p{max-width:54em}
.where{display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline;font-size:.84rem;color:var(--soft)}
.card>.where+h3{margin-top:.3rem}
.card>h3+p{margin-top:.25rem}
.where time{margin-left:auto}
.rule{font-weight:600;font-size:.76rem;color:var(--accent);background:var(--tint);border-radius:5px;padding:.05rem .4rem}
.unsure h3{color:var(--warn)}
.overruled h3::after{content:" (overruled)";font-weight:400;color:var(--soft)}
.aside{border-left:3px solid var(--warn);padding-left:.8rem;font-size:.94rem}
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,7.6rem),1fr));gap:.5rem 1rem;font-size:.9rem}
.pairs dt{font-size:.78rem;color:var(--soft);line-height:1.3}
.pairs dd{font-weight:500}
details summary{cursor:pointer;font-size:.88rem;color:var(--accent);width:fit-content}
details[open] summary{margin-bottom:.7rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,24rem),1fr));gap:1rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem}
.facts{font-size:.84rem;color:var(--soft);margin-top:.1rem}
.sum{font-size:1.05rem;display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline}
.sum b{font-size:1.3rem}
.fits,.misfit{font-style:normal;font-size:.84rem;font-weight:500;color:var(--good)}
.misfit{color:var(--bad)}
.bar{display:flex;height:10px;border-radius:99px;overflow:hidden;background:var(--line)}
.bar i{display:block}
.bar .used{background:var(--accent)}.bar .merged{background:${inks.orange.light}}.bar .rejected{background:${inks.vermillion.light}}.bar .waiting{background:${inks.purple.light}}.bar .leftOut{background:${inks.before.light}}
.checks .bar{width:9rem}.checks b{font-weight:500}
.notes{font-size:.88rem;color:var(--soft);padding-left:1.1rem}
`;

const ending = `
#examples h3+.examples{margin-top:.6rem}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19.5rem),1fr));gap:.9rem}
.example{display:flex;gap:1rem;background:var(--card);border:1px solid var(--line);border-top:3px solid var(--bad);border-radius:10px;padding:.9rem;min-width:0}
.example.right{border-top-color:var(--good)}
.picture{flex:0 0 auto;width:7rem}
.picture img{display:block;max-width:100%;height:auto;border-radius:5px}
.pixels{image-rendering:pixelated}
.missing{display:grid;place-items:center;height:5rem;border:1px dashed var(--line);border-radius:5px;font-size:.78rem;color:var(--soft)}
.said{min-width:0;flex:1;font-size:.9rem;line-height:1.45}
.said>*+*{margin-top:.45rem}
.asked{color:var(--soft)}
.said dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem .8rem}
.said dt{color:var(--soft);font-size:.8rem;line-height:1.6}
.said dd{white-space:pre-wrap;font-weight:600}
.judged{font-size:.8rem;color:var(--soft)}
.judged code{display:block}
.judged b{color:var(--bad);margin-right:.3rem}
.right .judged b{color:var(--good)}
.reads{padding-left:1.4rem}
.times{list-style:none;display:grid;gap:.45rem;font-size:.9rem}
.times li{display:grid;grid-template-columns:minmax(8rem,13rem) 1fr 6.5rem;gap:.8rem;align-items:center}
.times i{display:block;height:10px;min-width:2px;border-radius:99px;background:var(--accent);opacity:.75}
.times b{font-weight:500;text-align:right}
.runs{list-style:none;display:grid;gap:.8rem}
.runs a{display:block;color:inherit;text-decoration:none}
.runs a:hover{border-color:var(--accent)}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.84rem;color:var(--soft)}
`;

const phone = `
@media (max-width:36rem){main{padding:1.4rem 1rem 3rem}.card{padding:.95rem 1rem}.decisions .card{padding-left:2.5rem}.decisions .card::before{left:1rem;top:.98rem}.where time{margin-left:0}.picture{width:5.5rem}.times li{grid-template-columns:1fr auto;gap:.1rem .8rem}.times div{grid-row:2;grid-column:1/3}section{margin-top:2.4rem}.numbers td small{display:block}}
`;

const print = `
@media print{@page{margin:14mm}:root{--paper:#fff}body{font-size:10.5pt}main{max-width:none;padding:0}nav,.progress{display:none}.card,.tile,.example,figure,tr,.notice{break-inside:avoid}h2,h3{break-after:avoid}section{margin-top:1.6rem}details::details-content{content-visibility:visible;block-size:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

const darkPaper = `@media screen and (prefers-color-scheme:dark){:root{${dark}}.dot.hollow{border-color:${inks.before.dark}}${darkInkRules()}}`;

/** Light unless the reader's system is dark; on paper always light. */
export const styleSheet = [variables, base, opening, figures, story, ending, phone, darkPaper, print].join('');
