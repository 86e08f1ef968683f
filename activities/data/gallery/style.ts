/** What the gallery looks like beside the rules that every page of ours has. */
import { inks } from '../../report/charts/palette.js';

const colours: Record<string, string> = {
  train: inks.blue.light,
  dev: inks.purple.light,
  validation: inks.orange.light,
  test: inks.green.light,
  used: inks.blue.light,
  merged: inks.orange.light,
  rejected: inks.vermillion.light,
  waiting: inks.purple.light,
  leftOut: inks.before.light,
};

const colourRules = Object.entries(colours)
  .map(([name, colour]) => `.bar .${name},.key.${name}::before,.tag.${name}::before{background:${colour}}`)
  .join('');

/** Bars are drawn by width alone, so that they read the same on a phone. */
export const galleryStyle = `
main{max-width:84rem}
.tall{height:18px}
.keys{display:flex;flex-wrap:wrap;gap:.3rem 1.3rem;font-size:.88rem;margin-top:.6rem}
.key::before,.tag.split::before,.tag.fate::before{content:"";display:inline-block;width:.65rem;height:.65rem;border-radius:50%;margin-right:.4rem;vertical-align:baseline}
.key b{font-weight:600}
.key small{margin-left:.3rem}
.bars{list-style:none;display:grid;gap:.5rem;font-size:.9rem}
.bars li{display:grid;grid-template-columns:minmax(7rem,16rem) 1fr 6.5rem;gap:.2rem .9rem;align-items:center}
.bars i{display:block;height:12px;min-width:2px;border-radius:3px;background:var(--accent);opacity:.8}
.bars .rejected i{background:${inks.vermillion.light}}.bars .merged i{background:${inks.orange.light}}.bars .waiting i{background:${inks.purple.light}}.bars .leftOut i{background:${inks.before.light}}
.bars b{font-weight:500;text-align:right;white-space:nowrap}
.bars small{grid-column:1/4}
.bars button{all:unset;cursor:pointer;color:var(--accent);overflow-wrap:anywhere}
.bars button:hover,.bars button:focus-visible{text-decoration:underline}
.drawings{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:1.4rem 2rem}
.drawings figcaption b{display:block;font-size:.95rem}
.filters{display:flex;flex-wrap:wrap;gap:.6rem .8rem;align-items:end;position:sticky;top:2.7rem;z-index:1;background:var(--paper);padding:.7rem 0;border-bottom:1px solid var(--line)}
.filters label{display:grid;gap:.15rem;font-size:.76rem;color:var(--soft);min-width:0}
.filters input,.filters select,.pager button,.filters button{font:inherit;font-size:.9rem;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.4rem .6rem;max-width:15rem;min-width:0}
.filters label[hidden]{display:none}
.filters input{width:15rem}
.filters button,.pager button{cursor:pointer}
.pager{display:flex;flex-wrap:wrap;gap:.7rem;align-items:center;font-size:.9rem;color:var(--soft)}
.pager button:disabled{opacity:.4;cursor:default}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.9rem;margin-top:1rem}
.one{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.8rem .9rem;font-size:.88rem;line-height:1.42;min-width:0;display:flex;flex-direction:column;gap:.55rem}
.one.bad{border-left:4px solid var(--bad)}
.shots{display:flex;flex-wrap:wrap;gap:.4rem;align-items:flex-start}
.shots figure{min-width:0;max-width:100%}
.shots img{display:block;max-width:100%;max-height:13rem;height:auto;border-radius:6px;background:repeating-conic-gradient(var(--line) 0 25%,transparent 0 50%) 0 0/14px 14px}
.shots img.pixels{min-width:6rem}
.shots figcaption{font-size:.72rem}
.turn{white-space:pre-wrap;color:var(--soft)}
.turn b{font-weight:600;font-size:.74rem;margin-right:.4rem}
.answer{white-space:pre-wrap;font-weight:600}
.worse{white-space:pre-wrap;color:var(--soft);text-decoration:line-through}
.tags{display:flex;flex-wrap:wrap;gap:.25rem .8rem;font-size:.76rem;color:var(--soft);margin-top:auto}
.tag.reason{color:var(--bad);font-weight:600}
.one a{overflow-wrap:anywhere}
.glance{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.2rem,1fr));gap:.7rem;margin-top:1.4rem}
.glance figure{min-width:0}
.glance img{display:block;width:100%;aspect-ratio:1;object-fit:contain;border-radius:8px;background:var(--card);border:1px solid var(--line)}
.glance figcaption{font-size:.8rem;line-height:1.3;margin-top:.25rem;color:var(--ink);display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden}
.side{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,27rem),1fr));gap:1.3rem 2rem;align-items:start}
.side>article>h3{font-size:.92rem}
.side>article.bad>h3{color:var(--bad)}
.side .cards{margin-top:.5rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,12.5rem),1fr))}
${colourRules}
@media (max-width:36rem){.glance{grid-template-columns:repeat(4,1fr);gap:.5rem}.bars li{grid-template-columns:1fr auto}.bars div{grid-column:1/3;grid-row:2}.bars small{grid-column:1/3}.filters{position:static}.filters label{flex:1 1 8rem}.filters input,.filters select{width:100%;max-width:none}}
@media print{.filters,.pager{display:none}.one{break-inside:avoid}}
`;
