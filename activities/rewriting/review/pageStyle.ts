/** What a page of proposals adds to the look of every page. */
export const reviewStyle = `
.bar-top{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:.5rem 1.2rem;align-items:center;background:var(--paper);border-bottom:1px solid var(--line);padding:.7rem 0;margin:1.2rem 0;font-size:.86rem}
#counter{font-weight:600}
.keys{color:var(--soft)}
kbd{font:.85em var(--mono);border:1px solid var(--line);border-bottom-width:2px;border-radius:4px;padding:0 .35rem;background:var(--card);color:var(--ink)}
.pager{margin-left:auto;white-space:nowrap}
button{font:inherit;font-size:.86rem;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--ink);padding:.25rem .8rem;cursor:pointer}
button:hover{border-color:var(--accent)}
button:focus-visible,textarea:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
#download{background:var(--accent);border-color:var(--accent);color:var(--paper);font-weight:600}
nav [aria-current]{color:var(--accent);font-weight:600}
.cards{display:grid;gap:1rem}
.cards[hidden]{display:none}
.proposal{display:flex;gap:1.2rem;border-left:4px solid var(--line);scroll-margin:6rem}
.proposal.current{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
.proposal[data-decision=accept],.proposal[data-decision=edit]{border-left-color:var(--good);background:var(--goodTint)}
.proposal[data-decision=refuse]{border-left-color:var(--bad);background:var(--badTint)}
.proposal>*+*{margin-top:0}
.proposal .picture{width:11rem}
.proposal .picture img{width:100%;max-height:14rem;object-fit:contain;object-position:left top;min-height:2rem}
.proposal .said dd{font-weight:400}
del{text-decoration-color:var(--bad);background:var(--badTint);color:var(--bad)}
ins{text-decoration:none;background:var(--goodTint);color:var(--good);font-weight:600;border-bottom:2px solid currentColor}
.why{color:var(--soft)}
.passed{white-space:nowrap;font-size:.8rem;color:var(--good);margin-right:.3rem}
.choices{display:flex;gap:.5rem;margin-top:.7rem!important}
.choices [aria-pressed=true][data-do=refuse]{background:var(--bad);border-color:var(--bad);color:var(--paper)}
.choices [aria-pressed=true]{background:var(--good);border-color:var(--good);color:var(--paper)}
textarea{width:100%;font:inherit;font-size:.9rem;border:1px solid var(--line);border-radius:7px;background:var(--card);color:var(--ink);padding:.5rem .7rem}
textarea[hidden]{display:none}
@media (max-width:36rem){.proposal{flex-direction:column}.proposal .picture{width:100%}.pager{margin-left:0}}
`;
