// The demo's buttons: asked for only where the address says that this is the demo.
import { $, make, plural, read, time } from './elements.js';
import { openWhy } from './stock.js';

const LOOK_EVERY_MS = 400;
const cards = new Map();
let looking = false;

/** Draws them once; later calls bring them up to date. */
export async function showButtons() {
  const { buttons } = await read('/demo');
  if (!$('demo')) {
    const section = make(
      'section',
      { id: 'demo' },
      make(
        'div',
        { className: 'heading' },
        make('h2', { id: 'demo-title', textContent: 'Try to break it' }),
        make('p', {
          className: 'small',
          textContent: `${plural(buttons.length, 'thing', 'things')} that go wrong in shops, done for real in this demo.`,
        }),
      ),
      make('ul', { id: 'demo-buttons' }),
    );
    section.setAttribute('aria-labelledby', 'demo-title');
    document.querySelector('main').prepend(section);
    for (const { id } of buttons) $('demo-buttons').append(card(id));
  }
  draw(buttons);
  if (buttons.some((button) => button.doing)) look();
}

function card(id) {
  const button = make('button', { type: 'button', className: 'press', onclick: () => press(id) });
  const does = make('p', { className: 'does', id: `demo-${id}-does` });
  // Announced politely: what it is at, and what came of it.
  const said = make('p', { className: 'said', role: 'status' });
  button.setAttribute('aria-describedby', does.id);
  const element = make('li', {}, button, does, said);
  element.dataset.button = id;
  cards.set(id, { button, does, said, text: '' });
  return element;
}

function draw(buttons) {
  const busy = buttons.some((one) => one.doing);
  for (const one of buttons) {
    const { button, does, said } = cards.get(one.id);
    button.textContent = one.label;
    // Not `disabled`: whoever pressed it with the keyboard keeps their place.
    button.setAttribute('aria-disabled', String(busy));
    does.textContent = one.does;
    say(one.id, one.doing ?? one.told?.said ?? '');
    said.classList.toggle('doing', one.doing !== null);
    if (one.doing || !one.told || said.querySelector('button')) continue;
    const { sku, at } = one.told;
    const why = make('button', {
      type: 'button',
      className: 'link',
      textContent: `Why? ${sku}`,
      onclick: () => openWhy(sku),
    });
    said.append(' ', ...(sku ? [why, ' '] : []), time(at));
  }
}

/** Written again only when it changed: it is read out each time. */
function say(id, text) {
  const known = cards.get(id);
  if (known.text === text) return;
  known.text = text;
  known.said.textContent = text;
}

async function press(id) {
  if (looking) return;
  looking = true;
  say(id, 'Begins.');
  const response = await fetch(`/demo/${id}`, { method: 'POST' }).catch(() => null);
  looking = false;
  const body = await response?.json();
  if (!response?.ok)
    return say(id, `It could not be pressed: ${body?.message ?? 'the demo does not answer'} ${body?.next ?? ''}`);
  draw(body.buttons);
  look();
}

/** Until nothing is at work; one of them kills the very server that is asked here. */
async function look() {
  if (looking) return;
  looking = true;
  for (let busy = true; busy; ) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const answer = await read('/demo').catch((error) => (error.status === 401 ? { buttons: [] } : null));
    if (!answer) continue;
    draw(answer.buttons);
    busy = answer.buttons.some((button) => button.doing);
  }
  looking = false;
}
