// The playground page: shows the events of the lab live, and sends the visitor's messages and fault switches.
import { createChat } from './chat.js';
import { createFaultPanel } from './faults.js';

const chats = new Map(
  [...document.querySelectorAll('.chat')].map((section) => [section.dataset.platform, createChat(section)]),
);
const panel = createFaultPanel(document.querySelector('aside'));

function show(event) {
  if (event.kind === 'fault') panel.set(event.name, event.on);
  else chats.get(event.platform)?.show(event);
}

// Loads the complete state, at the start and after every interruption.
async function loadState() {
  const response = await fetch('/api/state');
  const state = await response.json();
  document.querySelector('#bot-status').href = state.botStatusUrl;
  for (const chat of chats.values()) chat.clear();
  for (const event of state.events) if (event.kind !== 'fault') show(event);
  panel.load(state.faults);
}

function setConnected(connected) {
  document.querySelector('#connection').hidden = connected;
}

// The browser reconnects by itself. Events that arrive while the state is loading wait, so that each is shown once.
function connect() {
  const source = new EventSource('/api/events');
  let waiting = [];
  source.addEventListener('open', async () => {
    waiting = [];
    try {
      await loadState();
      setConnected(true);
      for (const event of waiting) show(event);
      waiting = undefined;
    } catch {
      source.close();
      setConnected(false);
      setTimeout(connect, 1_000);
    }
  });
  source.addEventListener('message', (message) => {
    const event = JSON.parse(message.data);
    if (waiting === undefined) show(event);
    else waiting.push(event);
  });
  source.addEventListener('error', () => {
    setConnected(false);
    // Reopen a stream that the browser has given up.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1_000);
  });
}

connect();
