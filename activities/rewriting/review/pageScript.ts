/** The page's own script: decisions by key or click, kept by the browser, downloaded as CSV. No text of a user is in it. */
export const pageScript = `
(() => {
  const cards = [...document.querySelectorAll('.proposal')];
  const pages = [...document.querySelectorAll('.cards')];
  const store = 'anneal-review-' + document.body.dataset.run;
  const read = () => { try { return JSON.parse(localStorage.getItem(store) || '{}'); } catch { return {}; } };
  const decisions = Object.assign(JSON.parse(document.getElementById('decided').content.textContent), read());
  let unsaved = false;
  const keep = () => { try { localStorage.setItem(store, JSON.stringify(decisions)); } catch { unsaved = true; } };
  let at = 0, page = 0;
  const show = (card) => {
    const { decision = '', edited = '' } = decisions[card.dataset.id] || {};
    card.dataset.decision = decision;
    for (const button of card.querySelectorAll('button[data-do]'))
      button.setAttribute('aria-pressed', String(button.dataset.do === decision));
    card.querySelector('textarea').hidden = decision !== 'edit';
    if (decision === 'edit') card.querySelector('textarea').value = edited;
  };
  const count = () => {
    const all = Object.values(decisions);
    const of = (word) => all.filter(({ decision }) => decision === word).length;
    document.getElementById('counter').textContent =
      of('accept') + ' accepted, ' + of('edit') + ' edited, ' + of('refuse') + ' refused; ' +
      (cards.length - cards.filter((card) => decisions[card.dataset.id]).length) + ' of ' + cards.length + ' on this page are open' +
      (unsaved ? ' (this browser keeps nothing: download before you close the page)' : '');
  };
  const decide = (card, decision, edited) => {
    const id = card.dataset.id;
    if (decision === '') delete decisions[id];
    else decisions[id] = { decision, edited: edited ?? '', image: card.dataset.image, after: card.dataset.after };
    keep(); show(card); count();
  };
  const turn = (to) => {
    page = Math.max(0, Math.min(pages.length - 1, to));
    pages.forEach((each, index) => { each.hidden = index !== page; });
    for (const label of document.querySelectorAll('.at')) label.textContent = pages.length === 0 ? '' : (page + 1) + ' of ' + pages.length;
  };
  const go = (to, open) => {
    if (cards.length === 0) return;
    cards[at].classList.remove('current');
    at = Math.max(0, Math.min(cards.length - 1, to));
    const holder = pages.indexOf(cards[at].closest('.cards'));
    if (holder !== page) turn(holder);
    cards[at].classList.add('current');
    if (open) cards[at].scrollIntoView({ block: 'center' });
  };
  const next = () => { let to = at + 1; while (to < cards.length - 1 && decisions[cards[to].dataset.id]) to += 1; go(to, true); };
  const edit = (card) => {
    const area = card.querySelector('textarea');
    const before = (decisions[card.dataset.id] || {}).edited;
    decide(card, 'edit', before || card.dataset.after);
    area.focus();
  };
  cards.forEach((card, index) => {
    card.addEventListener('click', (event) => {
      go(index, false);
      const does = event.target.closest('button[data-do]')?.dataset.do;
      if (does === 'edit') edit(card);
      else if (does) decide(card, card.dataset.decision === does ? '' : does);
    });
    card.querySelector('textarea').addEventListener('input', (event) => decide(card, 'edit', event.target.value));
    show(card);
  });
  document.addEventListener('keydown', (event) => {
    if (event.target.tagName === 'TEXTAREA') { if (event.key === 'Escape') event.target.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || cards.length === 0) return;
    const card = cards[at];
    const does = { a: () => { decide(card, 'accept'); next(); }, r: () => { decide(card, 'refuse'); next(); },
      e: () => edit(card), u: () => decide(card, ''), j: () => go(at + 1, true), k: () => go(at - 1, true) }[event.key];
    if (!does) return;
    event.preventDefault(); does();
  });
  for (const button of document.querySelectorAll('[data-turn]'))
    button.addEventListener('click', () => { turn(page + Number(button.dataset.turn)); go(cards.indexOf(pages[page].querySelector('.proposal')), false); window.scrollTo(0, 0); });
  const cell = (text) => '"' + (/^[=+\\-@\\t\\r\\n|%']/.test(text) ? "'" + text : text).replaceAll('"', '""') + '"';
  document.getElementById('download').addEventListener('click', () => {
    const rows = Object.entries(decisions).map(([id, { decision, edited, image, after }]) =>
      [image || '', decision, decision === 'edit' ? edited : '', after || '', id, document.body.dataset.run].map(cell).join(','));
    const text = '\\ufeff' + ['"image","decision","edited","after","id","run"', ...rows].join('\\r\\n') + '\\r\\n';
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    link.download = 'decisions-' + document.body.dataset.run + '.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  turn(0); go(0, false); count();
})();
`;
