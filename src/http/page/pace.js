// Orders heard, as bars: ten minutes, ten seconds each.
import { $, plural } from './elements.js';

const BAR_MS = 10_000;
const BARS = 60;
const HEIGHT = 48;
/** Order → when this page knows it was heard first. */
const heard = new Map();

export function heardOrder(key, at) {
  heard.set(key, Math.min(at, heard.get(key) ?? at));
}

export function drawPace() {
  const now = Date.now();
  const counts = new Array(BARS).fill(0);
  for (const [key, at] of heard) {
    const age = Math.floor((now - at) / BAR_MS);
    if (age >= BARS) heard.delete(key);
    else counts[BARS - 1 - Math.max(0, age)] += 1;
  }
  const most = Math.max(1, ...counts);
  $('pace').replaceChildren(
    $('pace-title'),
    ...counts.map((count, index) => {
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      const height = (count / most) * (HEIGHT - 4);
      for (const [name, value] of Object.entries({ x: index * 5 + 0.5, y: HEIGHT - height, width: 4, height }))
        bar.setAttribute(name, String(value));
      return bar;
    }),
  );
  const minute = counts.slice(-6).reduce((total, count) => total + count, 0);
  $('pace-text').textContent = `${plural(minute, 'order', 'orders')} heard in the last minute; ten minutes are shown.`;
}
