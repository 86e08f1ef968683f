/**
 * Runs in the gallery's page: draws cards from the data in the page, filters and turns pages. Texts of records go in as
 * text, never as HTML.
 */
const { rows, groups } = JSON.parse(document.getElementById('data').textContent);
const cardsPerPage = 48;
const filterNames = ['split', 'fate', 'reason', 'answer', 'from'];
/** Choices of a filter at most: the most frequent values. */
const mostChoices = 200;
/** Pictures whose longest side is below are shown larger, pixel by pixel. */
const smallSide = 96;

/** A group that is a picture tells a person nothing. */
const isDigest = /^[0-9a-f]{32,64}$/;

const form = document.getElementById('filters');
const page = document.getElementById('page');
const where = document.getElementById('where');
const [before, next] = [document.getElementById('before'), document.getElementById('next')];

let first = 0;
let matching = rows;

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content.filter((each) => each !== null));
  return made;
}

function shot({ src, width, height }) {
  const image = element('img', Math.max(width, height) < smallSide ? 'pixels' : '');
  Object.assign(image, { src: encodeURI(src), width, height, loading: 'lazy', decoding: 'async', alt: '' });
  return element('figure', '', image, element('figcaption', '', `${width} × ${height}`));
}

function tag(className, text) {
  return text ? element('span', `tag ${className}`, text) : null;
}

function turn({ role, text }) {
  return element('p', 'turn', element('b', '', role), text);
}

function card(row) {
  const made = element('article', `one${row.fate === 'rejected' ? ' bad' : ''}`);
  if (row.pictures.length > 0) made.append(element('div', 'shots', ...row.pictures.map(shot)));
  made.append(...row.turns.map(turn));
  if (row.answer !== null) made.append(element('p', 'answer', row.answer));
  if (row.worse !== null) made.append(element('p', 'worse', row.worse));
  const reason = row.reason && row.fate !== 'used' ? row.reason : null;
  if (reason) made.append(element('p', '', element('span', 'tag reason', `${row.fate}: ${reason}`)));
  if (row.detail) made.append(element('p', 'turn', row.detail));
  if (row.remedy) made.append(element('p', '', row.remedy));
  made.append(
    element(
      'p',
      'tags',
      row.split ? element('span', `tag split ${row.split}`, row.split) : tag('', row.fate === 'used' ? null : row.fate),
      tag('', row.id),
      tag('', row.place),
      tag(
        '',
        row.group && row.group !== row.id && !isDigest.test(row.group) ? `group ${row.group.slice(0, 40)}` : null,
      ),
      tag('', row.kind),
      tag('', row.from),
      tag('', row.quality === null ? null : `quality ${row.quality.toFixed(2)}`),
    ),
  );
  return made;
}

/** A picture with its answer, small enough that many are seen at once. */
function glance(index) {
  const row = rows[index];
  const { src, width, height } = row.pictures[0];
  const image = element('img', Math.max(width, height) < smallSide ? 'pixels' : '');
  Object.assign(image, { src: encodeURI(src), decoding: 'async', alt: '' });
  return element('figure', '', image, element('figcaption', '', row.answer));
}

/** What a filter compares; the empty text is a row without it. */
function filteredBy(row, name) {
  if (name === 'from') return row.from ? row.from.split(' ')[0] : '';
  return row[name] ?? '';
}

function searched(row) {
  const parts = [row.id, row.place, row.answer, row.worse, row.group, row.kind, row.reason, row.detail, row.from];
  return [...parts, ...row.turns.map(({ text }) => text)].join('\n').toLowerCase();
}

function fillChoices() {
  for (const name of filterNames) {
    const counts = new Map();
    for (const row of rows) {
      const value = filteredBy(row, name);
      if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const values = [...counts].sort(([, one], [, other]) => other - one).slice(0, mostChoices);
    const options = values.map(([value, count]) => new Option(`${value.slice(0, 60)} (${count})`, value));
    form.elements[name].replaceChildren(new Option('any', ''), ...options);
    form.elements[name].closest('label').hidden = values.length === 0;
  }
}

/** The wish as it is in the form, and in the address, so that a link shows the same cards. */
function readForm() {
  const wish = { text: form.elements.text.value.trim().toLowerCase() };
  for (const name of filterNames) wish[name] = form.elements[name].value;
  return wish;
}

function filter(keepPage = false) {
  const wish = readForm();
  matching = rows.filter(
    (row) =>
      filterNames.every((name) => wish[name] === '' || filteredBy(row, name) === wish[name]) &&
      (wish.text === '' || searched(row).includes(wish.text)),
  );
  if (!keepPage) first = 0;
  const told = Object.entries(wish).filter(([, value]) => value !== '');
  history.replaceState(null, '', told.length > 0 ? `#?${new URLSearchParams(told)}` : location.pathname);
  draw();
}

function draw() {
  const shown = matching.slice(first, first + cardsPerPage);
  page.replaceChildren(...shown.map(card));
  where.textContent =
    matching.length === 0 ? 'no card fits' : `${first + 1} to ${first + shown.length} of ${matching.length} cards`;
  before.disabled = first === 0;
  next.disabled = first + cardsPerPage >= matching.length;
}

function turnPage(by) {
  first += by * cardsPerPage;
  draw();
  document.getElementById('cards').scrollIntoView();
}

/** A bar in the summary was chosen. A long answer is cut there, so it is searched for. */
function wishFor({ fate = '', reason = '', answer: named = '' }) {
  form.reset();
  const answer = named.endsWith('…') ? '' : named;
  if (answer !== named) form.elements.text.value = named.slice(0, -1);
  for (const [name, value] of Object.entries({ fate, reason, answer })) {
    const select = form.elements[name];
    if (value !== '' && ![...select.options].some((option) => option.value === value)) select.add(new Option(value));
    select.value = value;
  }
  filter();
  document.getElementById('cards').scrollIntoView();
}

document.getElementById('glance').append(...groups.glance.map(glance));
fillChoices();
if (location.hash.startsWith('#?'))
  for (const [name, value] of new URLSearchParams(location.hash.slice(2)))
    if (form.elements[name]) form.elements[name].value = value;
form.addEventListener('input', () => filter());
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('reset', () => setTimeout(filter));
before.addEventListener('click', () => turnPage(-1));
next.addEventListener('click', () => turnPage(1));
for (const button of document.querySelectorAll('.bars button'))
  button.addEventListener('click', () => wishFor(button.dataset));
for (const side of document.querySelectorAll('[data-group]')) {
  const { from, group } = side.dataset;
  side.append(...groups[from][Number(group)].rows.map((index) => card(rows[index])));
}
filter();
