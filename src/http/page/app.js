// The first page: reads the REST API, then listens. Nothing is computed here that the engine does not say.
const $ = (id) => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const state = { items: [], next: null, channels: [], shown: new Map(), heard: [], reload: false };

// The demo hands its key over in the part of the address that never leaves the browser.
const handed = new URLSearchParams(location.hash.slice(1)).get('key');

/** Swaps the key for a cookie that scripts cannot read. */
async function signIn(key) {
  const response = await fetch('/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  if (!response.ok) throw new Error((await response.json()).message);
}

async function read(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  const body = await response.json();
  if (response.status === 401) {
    $('key-form').hidden = false;
    $('summary').textContent = 'Locked: show a key to see stock.';
    throw new Error(body.message);
  }
  if (!response.ok) throw new Error(`${body.message} ${body.next ?? ''}`);
  return body;
}

const clock = (iso) => new Date(iso).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const when = (iso) => {
  if (!iso) return 'never';
  const date = new Date(iso);
  return date.toDateString() === new Date().toDateString() ? clock(iso) : `${date.toLocaleDateString()} ${clock(iso)}`;
};
const time = (iso) => make('time', { dateTime: iso ?? '', textContent: when(iso) });
const asOf = (id, iso) => $(id).replaceChildren('as of ', time(iso));

async function loadChannels() {
  const { asOf: at, channels } = await read('/v1/channels');
  state.channels = channels;
  asOf('channels-asof', at);
  $('channels').replaceChildren(
    ...channels.map((channel) => {
      const tone =
        channel.mode === 'held' ? 'bad' : !channel.healthy ? 'bad' : channel.mode === 'live' ? 'good' : 'warn';
      const trouble = channel.trouble ?? (channel.mode === 'held' ? channel.modeReason : null);
      return make(
        'li',
        {},
        make(
          'p',
          { className: 'name' },
          make('span', { className: `dot ${tone}`, ariaHidden: 'true' }),
          channel.name,
          make('span', { className: `mode ${channel.mode}`, textContent: channel.mode }),
        ),
        make('p', { className: 'small' }, `${channel.platform} · ${channel.account}`),
        make('p', { className: 'small' }, 'heard ', time(channel.heardAt), ' · complete to ', time(channel.heardUpTo)),
        make('p', { className: 'small' }, 'last told ', time(channel.lastPushAt)),
        trouble
          ? make('p', { className: 'small bad', textContent: trouble })
          : make('p', { className: 'small', textContent: 'working' }),
      );
    }),
  );
  const live = channels.filter((channel) => channel.mode === 'live').length;
  const troubled = channels.filter((channel) => !channel.healthy || channel.mode === 'held').length;
  $('summary').textContent =
    channels.length === 0
      ? 'No channel yet. Add one with "onhand channel add".'
      : `${channels.length} channels, ${live} live, ${troubled === 0 ? 'all working' : `${troubled} need a look`}.`;
}

async function loadNotices() {
  const { notices } = await read('/v1/notices');
  $('notices-section').hidden = notices.length === 0;
  $('notices').replaceChildren(
    ...notices
      .slice(0, 8)
      .map((notice) =>
        make(
          'li',
          {},
          make('p', {}, notice.text),
          make('p', { className: 'small' }, notice.next, ' · ', time(notice.at)),
        ),
      ),
  );
}

async function loadStock(more = false) {
  const query = new URLSearchParams({ search: $('stock-search').value.trim(), limit: '50' });
  if (more && state.next) query.set('after', state.next);
  const page = await read(`/v1/stock?${query}`);
  state.items = more ? [...state.items, ...page.items] : page.items;
  state.next = page.next;
  $('stock-more').hidden = page.next === null;
  asOf('stock-asof', page.asOf);
  drawStock();
}

function drawStock() {
  const names = [...new Set(state.channels.map((channel) => channel.name))];
  $('stock').tHead.replaceChildren(
    make(
      'tr',
      {},
      make('th', { scope: 'col', textContent: 'Item' }),
      make('th', { scope: 'col', textContent: 'Available' }),
      make('th', { scope: 'col', textContent: 'Committed' }),
      ...names.map((name) => make('th', { scope: 'col', textContent: name })),
    ),
  );
  if (state.items.length === 0) {
    const text = $('stock-search').value ? 'Nothing is called that.' : 'No items yet.';
    return $('stock').tBodies[0].replaceChildren(make('tr', {}, make('th', { scope: 'row', textContent: text })));
  }
  $('stock').tBodies[0].replaceChildren(...state.items.map((item) => stockRow(item, names)));
}

function stockRow(item, names) {
  const sum = (key) => Math.round(item.levels.reduce((total, level) => total + level[key], 0) * 1e5) / 1e5;
  const changed = item.levels
    .map((level) => level.changedAt)
    .sort()
    .at(-1);
  const available = sum('available');
  return make(
    'tr',
    {},
    make(
      'th',
      { scope: 'row', title: item.title },
      make('button', { className: 'link', textContent: item.sku, onclick: () => openWhy(item.sku) }),
    ),
    make('td', { className: available <= 0 ? 'zero' : '' }, String(available), time(changed)),
    make('td', {}, String(sum('committed'))),
    ...names.map((name) => channelCell(item, name)),
  );
}

function channelCell(item, name) {
  const cells = item.channels.filter((cell) => cell.channel === name);
  if (cells.length === 0) return make('td', { title: 'not listed there' }, '·');
  const known = cells.filter((cell) => cell.shows !== null);
  const shows = known.length === 0 ? null : known.reduce((total, cell) => total + cell.shows, 0);
  const key = `${item.sku}\u0000${name}`;
  const changed = state.shown.has(key) && state.shown.get(key) !== shows;
  state.shown.set(key, shows);
  const aside = cells.find((cell) => cell.aside)?.aside;
  const classes = [
    shows !== null && shows <= 0 ? 'zero' : '',
    cells.some((cell) => cell.waiting) ? 'waiting' : '',
    changed ? 'flash' : '',
  ];
  const title = aside ?? cells.map((cell) => `${cell.place}: ${cell.shows ?? '?'}`).join(', ');
  const at = cells
    .map((cell) => cell.at)
    .filter(Boolean)
    .sort()
    .at(-1);
  return make('td', { className: classes.join(' ').trim(), title }, aside ? 'aside' : String(shows ?? '?'), time(at));
}

async function loadSales() {
  const query = new URLSearchParams({ limit: '40', search: $('sales-search').value.trim() });
  const { asOf: at, sales } = await read(`/v1/sales?${query}`);
  asOf('sales-asof', at);
  $('sales').replaceChildren(
    ...(sales.length === 0 ? [make('li', {}, 'No order heard yet.')] : []),
    ...sales.map((sale) =>
      make(
        'li',
        {},
        make('p', { className: 'what' }, `${sale.channel}: ${sale.doc}${sale.state ? ` (${sale.state})` : ''}`),
        make('p', { className: 'small' }, sale.copyOf ? `copy of ${sale.copyOf}: counted once` : linesText(sale.lines)),
        make('p', { className: 'small' }, 'sold ', time(sale.saleAt), ' · heard ', time(sale.heardAt)),
      ),
    ),
  );
}

const signed = (units) => (units > 0 ? `+${units}` : String(units));
function linesText(lines) {
  const parts = lines.flatMap((line) => [
    ...(line.committed ? [`${line.sku} promised ${signed(line.committed)}`] : []),
    ...(line.onHand ? [`${line.sku} on hand ${signed(line.onHand)}`] : []),
  ]);
  return parts.length === 0 ? 'changes no stock now' : parts.join(', ');
}

async function openWhy(sku) {
  const answer = await read(`/v1/stock/${encodeURIComponent(sku)}`);
  $('why-title').textContent = answer.title ? `${answer.sku}: ${answer.title}` : answer.sku;
  asOf('why-asof', answer.asOf);
  $('why-cells').replaceChildren(...answer.cells.map((cell) => make('li', {}, cell.sentence, ' ', time(cell.at))));
  $('why-timeline').replaceChildren(...answer.timeline.map((row) => make('li', {}, time(row.at), ' ', row.text)));
  $('why').showModal();
}

function drawPace() {
  const now = Date.now();
  state.heard = state.heard.filter((at) => at > now - 1_800_000);
  const bars = Array.from({ length: 30 }, (_, index) => {
    const to = now - (29 - index) * 60_000;
    return state.heard.filter((at) => at > to - 60_000 && at <= to).length;
  });
  const most = Math.max(1, ...bars);
  const svg = $('pace');
  svg.replaceChildren(
    $('pace-title'),
    ...bars.map((count, index) => {
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      const height = (count / most) * 44;
      for (const [name, value] of Object.entries({ x: index * 10 + 1, y: 48 - height, width: 8, height }))
        bar.setAttribute(name, String(value));
      return bar;
    }),
  );
  $('pace-text').textContent =
    `Orders heard per minute since this page opened, last 30 minutes; ${bars.at(-1)} in the last minute.`;
}

// Events come in bursts: one reload for as many as arrive within a moment.
function soon() {
  if (state.reload) return;
  state.reload = true;
  setTimeout(async () => {
    state.reload = false;
    await Promise.allSettled([loadStock(), loadSales(), loadChannels(), loadNotices()]);
  }, 700);
}

function listen() {
  const events = new EventSource('/v1/events');
  const live = (on) => {
    $('live').firstElementChild.className = `dot ${on ? 'good' : 'bad'}`;
    $('live-text').textContent = on ? 'live' : 'connection lost, trying again';
  };
  events.onopen = () => live(true);
  events.onerror = () => live(false);
  events.addEventListener('posted', () => {
    state.heard.push(Date.now());
    soon();
  });
  for (const kind of ['pushed', 'channel', 'notice']) events.addEventListener(kind, soon);
}

const later = (work) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, 200);
  };
};
$('stock-search').addEventListener(
  'input',
  later(() => loadStock()),
);
$('sales-search').addEventListener(
  'input',
  later(() => loadSales()),
);
$('stock-more').addEventListener('click', () => loadStock(true));
$('key-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await signIn($('key').value.trim());
    $('key-form').hidden = true;
    await start();
  } catch (error) {
    $('key-error').textContent = error.message;
  }
});

async function start() {
  if (handed && location.hash) {
    history.replaceState(null, '', location.pathname);
    await signIn(handed);
  }
  await loadChannels();
  await Promise.all([loadStock(), loadSales(), loadNotices()]);
  drawPace();
  setInterval(drawPace, 5_000);
  listen();
}
start().catch((error) => {
  if (!$('key-form').hidden) return;
  $('summary').textContent = error.message;
});
