// Stock by item and channel, and the story behind one item.
import { $, asOf, make, matches, onTyping, read, redraw, time, timeOf } from './elements.js';
import { lowMark, reorderText } from './reorder.js';

const PAGE = 50;
const state = { items: [], asOf: null, next: null, names: [], shown: new Map(), story: [] };

const sum = (rows, key) => Math.round(rows.reduce((total, row) => total + row[key], 0) * 1e5) / 1e5;
const latest = (times) => times.filter(Boolean).sort().at(-1) ?? null;

/** Reads again as many rows as are shown; `more` adds a page. */
export async function loadStock(more = false) {
  const query = new URLSearchParams({ search: $('stock-search').value.trim(), order: $('stock-order').value });
  if (more && state.next) query.set('after', state.next);
  query.set('limit', String(more ? PAGE : Math.min(500, Math.max(PAGE, state.items.length))));
  const page = await read(`/v1/stock?${query}`);
  state.items = more ? [...state.items, ...page.items] : page.items;
  state.next = page.next;
  state.asOf = page.asOf;
  $('stock-more').hidden = page.next === null;
  asOf('stock-asof', page.asOf);
  draw();
}

/** The columns: one per channel. */
export function setChannels(names) {
  if (names.join('\u0000') === state.names.join('\u0000')) return;
  state.names = names;
  // Before the first reading there is nothing to say, not even that nothing has moved.
  if (state.asOf) draw();
}

function draw() {
  const head = ['Item', 'Available', ...state.names];
  $('stock').tHead.replaceChildren(
    make('tr', {}, ...head.map((textContent) => make('th', { scope: 'col', textContent }))),
  );
  $('stock').tHead.rows[0].cells[1].append(make('span', { className: 'small', textContent: 'on hand − committed' }));
  const nothing = $('stock-search').value ? 'Nothing is called that.' : 'Nothing has moved yet.';
  const rows = state.items.map((item) => stockRow(item));
  if (rows.length === 0) rows.push(make('tr', {}, make('td', { colSpan: head.length, className: 'none' }, nothing)));
  redraw($('stock').tBodies[0], rows);
}

function stockRow(item) {
  const available = sum(item.levels, 'available');
  const open = make('button', { className: 'link', textContent: item.sku, onclick: () => openWhy(item.sku) });
  open.dataset.key = item.sku;
  const parts = `${sum(item.levels, 'onHand')} − ${sum(item.levels, 'committed')}`;
  return make(
    'tr',
    {},
    make('th', { scope: 'row' }, open, make('span', { className: 'small', textContent: item.title })),
    make(
      'td',
      { className: `ledger ${available < 0 ? 'bad' : available === 0 ? 'zero' : ''} ${flash(item.sku, available)}` },
      make('b', { textContent: String(available) }),
      make('span', { className: 'small', textContent: parts }),
      lowMark(item.reorder),
      time(latest(item.levels.map((level) => level.changedAt))),
    ),
    ...state.names.map((name) => channelCell(item, name)),
  );
}

/** A class for numbers that changed since they were drawn last. */
function flash(key, value) {
  const changed = state.shown.has(key) && state.shown.get(key) !== value;
  state.shown.set(key, value);
  return changed ? 'flash' : '';
}

function channelCell(item, name) {
  const cells = item.channels.filter((cell) => cell.channel === name);
  if (cells.length === 0) return make('td', { className: 'none', title: 'not listed there', textContent: '–' });
  const known = cells.filter((cell) => cell.shows !== null);
  const shows = known.length === 0 ? null : sum(known, 'shows');
  const aside = cells.find((cell) => cell.aside)?.aside;
  const waiting = cells.some((cell) => cell.waiting);
  const mark = aside ? 'set aside' : waiting ? 'waiting' : known.length < cells.length ? 'partly unread' : null;
  return make(
    'td',
    {
      className: `${shows !== null && shows <= 0 ? 'zero' : ''} ${flash(`${item.sku}\u0000${name}`, shows)}`,
      title: [...cells.map((cell) => `${cell.place}: ${cell.shows ?? 'not read yet'}`), ...(aside ? [aside] : [])].join(
        '\n',
      ),
    },
    make('b', { textContent: String(shows ?? '?') }),
    mark && make('span', { className: `mark ${aside ? 'bad' : 'warn'}`, textContent: mark }),
    timeOf(latest(cells.map((cell) => cell.at)), state.asOf),
  );
}

/** Why every channel shows what it shows for this item, and what happened to it. */
export async function openWhy(sku) {
  const answer = await read(`/v1/stock/${encodeURIComponent(sku)}`);
  $('why-title').textContent = answer.sku;
  $('why-name').textContent = answer.title;
  asOf('why-asof', answer.asOf);
  const cells = answer.cells.map((cell) =>
    make(
      'li',
      { className: cell.shows === cell.shouldShow ? '' : 'differs' },
      make('b', { textContent: `${cell.channel} · ${cell.place}` }),
      make('span', { className: 'number', textContent: `${cell.shows ?? '?'}` }),
      make('span', { className: 'small' }, cell.sentence, ' Read or written ', timeOf(cell.at, answer.asOf), '.'),
    ),
  );
  $('why-cells').replaceChildren(...(cells.length ? cells : [make('li', {}, 'It is listed on no channel yet.')]));
  $('why-reorder').replaceChildren(
    ...answer.reorder.map((line) =>
      make('p', {
        className: line.low ? 'warn' : 'small',
        textContent: `${line.low ? 'Low at ' : 'At '}${reorderText(line)}.`,
      }),
    ),
  );
  state.story = answer.timeline;
  $('why-search').value = '';
  drawStory();
  if (!$('why').open) $('why').showModal();
  $('why').scrollTop = 0;
}

function drawStory() {
  const rows = state.story.filter((row) => matches($('why-search'), row.text));
  $('why-timeline').replaceChildren(
    ...(rows.length === 0 ? [make('li', {}, 'Nothing like that.')] : []),
    ...rows.map((row) => make('li', {}, time(row.at), make('span', { textContent: row.text }))),
  );
}

onTyping($('why-search'), drawStory);
onTyping($('stock-search'), () => loadStock());
$('stock-order').addEventListener('change', () => {
  state.items = [];
  loadStock();
});
$('stock-more').addEventListener('click', () => loadStock(true));
