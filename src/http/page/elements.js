// Building blocks of the page: elements, times, requests.
export const $ = (id) => document.getElementById(id);

/** An element with properties and children; what is null or false is left out. */
export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
};

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
const clock = (date) => date.toLocaleTimeString([], CLOCK);

/** The clock alone for today, the date before it for other days. */
const when = (iso) => {
  if (!iso) return 'never';
  const date = new Date(iso);
  return date.toDateString() === new Date().toDateString()
    ? clock(date)
    : `${date.toLocaleDateString()} ${clock(date)}`;
};

export const time = (iso) => make('time', { dateTime: iso ?? '', textContent: when(iso) });
/** When a number was or will be true: a write may take effect only after it was accepted. */
export const timeOf = (iso, now) =>
  iso && Date.parse(iso) > Date.parse(now) ? make('span', { className: 'small' }, 'by ', time(iso)) : time(iso);
export const asOf = (id, iso) => $(id).replaceChildren('as of ', time(iso));
export const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;

/** Puts new children in place; whoever had the keyboard's focus among the old ones keeps it. */
export function redraw(parent, children) {
  const key = parent.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  parent.replaceChildren(...children);
  if (key) parent.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** Asks the API; an answer without a key in it opens the key form. */
export async function read(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  const body = await response.json();
  if (response.ok) return body;
  if (response.status === 401) {
    document.body.classList.add('locked');
    $('summary').textContent = 'Locked: show a key to see stock.';
  }
  throw Object.assign(new Error(`${body.message} ${body.next ?? ''}`), { status: response.status });
}

/** Swaps the key for a cookie that scripts cannot read. */
export async function signIn(key) {
  const response = await fetch('/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key }),
  });
  if (response.ok) return document.body.classList.remove('locked');
  const { message, next } = await response.json();
  throw new Error(`${message} ${next}`);
}

/** Calls `work` once typing has paused. */
export function onTyping(input, work) {
  let timer;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(work, 180);
  });
}

/** Whether any of the texts contains what stands in the search field. */
export const matches = (input, ...texts) => {
  const wanted = input.value.trim().toLowerCase();
  return (
    wanted === '' ||
    texts.some((text) =>
      String(text ?? '')
        .toLowerCase()
        .includes(wanted),
    )
  );
};
