// What fell to its reorder point: a list of its own, a mark in the table, a line in the dialog.
import { $, asOf, make, matches, onTyping, read, redraw, time } from './elements.js';

const state = { items: [], open: () => {} };

/** One item at one location, in a sentence. */
export const reorderText = (line) =>
  line.low
    ? `${line.location}: order ${line.order} to have ${line.upTo}; ${line.available} available, the point is ${line.point}`
    : `${line.location}: ordered again at ${line.point}, up to ${line.upTo}`;

/** A mark for the table's row; null while there is enough everywhere. */
export function lowMark(lines) {
  const low = lines.filter((line) => line.low);
  if (low.length === 0) return null;
  return make('span', { className: 'mark warn', textContent: 'low', title: low.map(reorderText).join('\n') });
}

/** `open` shows the story of a SKU. */
export async function loadReorder(open) {
  const page = await read('/v1/reorder?limit=500');
  state.items = page.items;
  state.open = open;
  asOf('order-asof', page.asOf);
  draw();
}

function draw() {
  $('order-section').hidden = state.items.length === 0;
  $('order-count').textContent = String(state.items.length);
  const found = state.items.filter((line) => matches($('order-search'), line.sku, line.title, line.location));
  redraw($('order'), found.length ? found.map(row) : [make('li', {}, 'Nothing like that.')]);
}

function row(line) {
  const button = make('button', { className: 'link', textContent: line.sku, onclick: () => state.open(line.sku) });
  button.dataset.key = `order ${line.sku} ${line.location}`;
  return make(
    'li',
    {},
    make('p', {}, button, ` ${line.title}`),
    make('p', { className: 'small' }, reorderText(line), ...(line.lowSince ? [' · since ', time(line.lowSince)] : [])),
  );
}

onTyping($('order-search'), draw);
