// The first page: reads the REST API, then listens. Nothing is computed here that the engine does not say.
import { $, asOf, make, matches, onTyping, plural, read, redraw, signIn, time } from './elements.js';
import { drawPace, heardOrder } from './pace.js';
import { loadReorder } from './reorder.js';
import { loadStock, openWhy, setChannels } from './stock.js';

const STOCK_EVERY_MS = 1_000;
const HEALTH_EVERY_MS = 3_000;
const NOTICES_SHOWN = 3;
const state = { channels: [], look: [], allNotices: false, due: new Map(), events: null, readAt: null };

async function loadChannels() {
  const { asOf: at, channels } = await read('/v1/channels');
  state.channels = channels;
  state.readAt = at;
  asOf('channels-asof', at);
  setChannels([...new Set(channels.map((channel) => channel.name))]);
  drawChannels();
  const live = channels.filter((channel) => channel.mode === 'live').length;
  const troubled = channels.filter((channel) => !channel.healthy || channel.mode === 'held').length;
  $('summary').textContent =
    channels.length === 0
      ? 'No channel yet. Add one with "onhand channel add".'
      : `${plural(channels.length, 'channel', 'channels')}, ${live} live, ${
          troubled === 0 ? 'all working' : `${troubled} need${troubled === 1 ? 's' : ''} a look`
        }.`;
}

function drawChannels() {
  const found = state.channels.filter((one) =>
    matches($('channels-search'), one.name, one.platform, one.account, one.mode),
  );
  redraw($('channels'), found.length ? found.map(channelCard) : [make('li', {}, 'No channel is called that.')]);
}

function channelCard(channel) {
  const held = channel.mode === 'held';
  const tone = held || !channel.healthy ? 'bad' : channel.mode === 'live' ? 'good' : 'warn';
  const reason = channel.trouble ?? (channel.mode === 'live' ? null : channel.modeReason);
  const state = held ? 'Nothing is written there' : !channel.healthy ? 'In trouble' : null;
  return make(
    'li',
    { className: tone },
    make(
      'p',
      { className: 'name' },
      make('span', { className: `dot ${tone}`, ariaHidden: 'true' }),
      make('span', { textContent: channel.name }),
      make('span', { className: 'small account', textContent: accountText(channel), title: channel.account }),
      make('span', { className: `mode ${tone}`, textContent: channel.mode }),
    ),
    make(
      'dl',
      {},
      ...[
        ['heard', channel.heardAt],
        ['complete to', channel.heardUpTo],
        ['told', channel.lastPushAt],
      ].map(([label, at]) => make('div', {}, make('dt', { textContent: label }), make('dd', {}, time(at)))),
    ),
    (state || reason) &&
      make('p', {
        className: tone === 'bad' ? 'bad' : 'warn',
        textContent: [state, reason].filter(Boolean).join(': '),
      }),
    channel.next && make('p', { className: 'small next', textContent: `→ ${channel.next}` }),
  );
}

/** The account says which platform it is on, or the platform is named before it. */
const accountText = ({ platform, account }) =>
  account.toLowerCase().includes(platform) ? account : `${platform} · ${account}`;

async function loadLook() {
  const [{ asOf: at, notices }, aside] = await Promise.all([read('/v1/notices'), read('/v1/set-aside')]);
  state.look = [
    ...notices,
    ...aside.cells.map((cell) => ({
      text: `${cell.channel} does not take ${cell.stockKey}: ${cell.reason}`,
      next: 'Correct it there; it is tried again by itself, and after every change of its stock.',
      at: cell.at,
    })),
    ...aside.deliveries.map((one) => ({
      text: `A message of ${one.channel} (${one.topic}) was authentic and not understood: ${one.reason}`,
      next: 'It is kept. Its order is read by the next poll where the platform has one.',
      at: one.receivedAt,
    })),
  ];
  asOf('look-asof', at);
  drawLook();
}

function drawLook() {
  $('look-section').hidden = state.look.length === 0;
  const found = state.look.filter((one) => matches($('look-search'), one.sku, one.text, one.next));
  const shown = state.allNotices ? found : found.slice(0, NOTICES_SHOWN);
  redraw($('look'), shown.length ? shown.map(lookRow) : [make('li', {}, 'Nothing like that.')]);
  $('look-count').textContent = String(state.look.length);
  $('look-more').hidden = found.length <= NOTICES_SHOWN;
  $('look-more').textContent = state.allNotices ? 'Show fewer' : `Show all ${found.length}`;
}

function lookRow(one) {
  const button =
    one.sku && make('button', { className: 'link', textContent: one.sku, onclick: () => openWhy(one.sku) });
  if (button) button.dataset.key = `look ${one.sku} ${one.id}`;
  return make(
    'li',
    {},
    make('p', {}, button, button && ' ', one.text),
    make('p', { className: 'small' }, `→ ${one.next} · since `, time(one.at)),
  );
}

async function loadSales(limit = 40) {
  const query = new URLSearchParams({ limit: String(limit), search: $('sales-search').value.trim() });
  const { asOf: at, sales } = await read(`/v1/sales?${query}`);
  asOf('sales-asof', at);
  const none = $('sales-search').value ? 'No order is called that.' : 'No order heard yet.';
  redraw($('sales'), sales.length ? sales.slice(0, 40).map(saleRow) : [make('li', {}, none)]);
  return sales;
}

function saleRow(sale) {
  const [kind, ...number] = sale.doc.split(':');
  const changes = sale.copyOf ? `a copy of ${sale.copyOf}: counted once` : linesText(sale.lines);
  return make(
    'li',
    {},
    make(
      'p',
      { className: 'what' },
      make('span', { textContent: `${sale.channel} · ${kind} ${number.join(':')}` }),
      sale.state && make('span', { className: 'mode', textContent: sale.state.toLowerCase() }),
    ),
    make('p', { textContent: changes }),
    make('p', { className: 'small' }, 'sold ', time(sale.saleAt), ' · heard ', time(sale.heardAt)),
  );
}

/** What the document has done to stock so far, all its states together. */
function linesText(lines) {
  const parts = lines.flatMap(({ sku, committed, onHand }) => [
    ...(committed ? [`${committed} × ${sku} promised`] : []),
    ...(onHand < 0 ? [`${-onHand} × ${sku} gone`] : []),
    ...(onHand > 0 ? [`${onHand} × ${sku} came back`] : []),
  ]);
  return parts.length === 0 ? 'takes no stock now' : parts.join(', ');
}

/** Events come in bursts: one reading for as many as arrive within a moment. */
function soon(work, everyMs) {
  if (state.due.has(work)) return;
  state.due.set(
    work,
    setTimeout(async () => {
      state.due.delete(work);
      try {
        await work();
      } catch (error) {
        if (error.status !== 401)
          $('summary').textContent = `Could not read: ${error.message} What you see may be old.`;
      }
    }, everyMs),
  );
}
const numbers = () => Promise.all([loadStock(), loadSales(), loadReorder(openWhy)]);
const health = () => Promise.all([loadChannels(), loadLook()]);

function listen() {
  state.events?.close();
  const events = new EventSource('/v1/events');
  state.events = events;
  const live = (on) => {
    $('live').firstElementChild.className = `dot ${on ? 'good' : 'bad'}`;
    $('live-text').textContent = on ? 'live' : 'connection lost, trying again';
  };
  let lost = false;
  events.onopen = () => {
    live(true);
    // What happened meanwhile was not told.
    if (lost) {
      soon(numbers, 0);
      soon(health, 0);
    }
    lost = false;
  };
  events.onerror = () => {
    lost = true;
    live(false);
    if (events.readyState === EventSource.CLOSED) setTimeout(() => state.events === events && start(), 5_000);
  };
  events.addEventListener('posted', ({ data }) => {
    const { accountId, doc } = JSON.parse(data);
    heardOrder(`${accountId} ${doc}`, Date.now());
    soon(numbers, STOCK_EVERY_MS);
    soon(health, HEALTH_EVERY_MS);
  });
  events.addEventListener('pushed', () => {
    soon(numbers, STOCK_EVERY_MS);
    soon(health, HEALTH_EVERY_MS);
  });
  for (const kind of ['channel', 'notice']) events.addEventListener(kind, () => soon(health, 100));
}

async function start() {
  try {
    await Promise.all([health(), loadStock(), loadReorder(openWhy)]);
    for (const sale of await loadSales(200)) heardOrder(`${sale.accountId} ${sale.doc}`, Date.parse(sale.heardAt));
    drawPace();
    listen();
    if (isDemo) await (await import('./demo.js')).showButtons();
  } catch (error) {
    if (error.status === 401) return;
    $('summary').textContent = `${error.message} Trying again.`;
    setTimeout(start, 5_000);
  }
}

onTyping($('channels-search'), drawChannels);
onTyping($('look-search'), drawLook);
onTyping($('sales-search'), () => loadSales());
$('look-more').addEventListener('click', () => {
  state.allNotices = !state.allNotices;
  drawLook();
});
$('key-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('key-error').textContent = '';
  try {
    await signIn($('key').value.trim());
    $('key').value = '';
    await start();
  } catch (error) {
    $('key-error').textContent = error.message;
    $('key').focus();
  }
});
setInterval(drawPace, 2_000);

// The demo hands its key over in the part of the address that never leaves the browser, and says there that it is one.
const handed = new URLSearchParams(location.hash.slice(1));
const isDemo = handed.has('demo');
if (handed.has('key')) {
  history.replaceState(null, '', isDemo ? '#demo' : location.pathname);
  await signIn(handed.get('key')).catch(() => {});
}
await start();
