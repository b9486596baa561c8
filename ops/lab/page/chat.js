// One chat: its bubbles, what became of each message, and the form below.
import { postJson } from './post-json.js';

const patienceMs = 10_000;
const maxBubbles = 200;

/** Brings a chat section to life; `show` takes the lab's events (again without harm), `clear` empties the chat. */
export function createChat(section) {
  const list = section.querySelector('.messages');
  const summary = section.querySelector('.summary');
  prepareForm(section.querySelector('form'), section.dataset.platform);

  let mine = new Map();
  let shownReplies = new Map();

  function clear() {
    for (const message of mine.values()) clearTimeout(message.timer);
    mine = new Map();
    shownReplies = new Map();
    list.replaceChildren();
    summary.textContent = '';
    section.querySelector('.problem').textContent = '';
  }

  function addBubble(text, factText, isMine) {
    const item = document.createElement('li');
    const bubble = document.createElement('div');
    const fact = document.createElement('p');
    item.className = isMine ? 'message mine' : 'message';
    bubble.className = 'bubble';
    bubble.dir = 'auto';
    bubble.textContent = text;
    setFact(fact, factText, '');
    item.append(bubble, fact);
    list.append(item);
    while (list.children.length > maxBubbles) list.firstElementChild.remove();
    return { bubble, fact };
  }

  function showMessage({ messageId, chatId, text, at }) {
    if (mine.has(messageId)) return;
    const { fact } = addBubble(text, 'sent', true);
    mine.set(messageId, { fact, chatId, at, waiting: true });
    if (mine.size > maxBubbles) mine.delete(mine.keys().next().value);
  }

  function showAttempt({ messageId, ackMs, error, at }) {
    const message = mine.get(messageId);
    if (message === undefined) return;
    clearTimeout(message.timer);
    if (error !== null) return setFact(message.fact, error, 'bad');
    message.acknowledged = `acknowledged in ${ackMs} ms`;
    if (!message.waiting) return finish(message);
    setFact(message.fact, `${message.acknowledged}, waiting for the reply`, '');
    const left = Math.max(0, at + patienceMs - Date.now());
    message.timer = setTimeout(() => {
      setFact(message.fact, `${message.acknowledged}, but no reply yet. Run make diagnose`, 'bad');
    }, left);
  }

  // Where the platform is not told which message a reply is to, it is the oldest waiting one of the chat.
  function askedBy({ replyTo, chatId }) {
    const asked = mine.get(replyTo) ?? [...mine.values()].find((one) => one.waiting && one.chatId === chatId);
    return asked?.waiting ? asked : undefined;
  }

  function showReply(reply) {
    const { messageId, text, at } = reply;
    const key = `${messageId} ${at}`;
    const shown = shownReplies.get(key);
    if (shown !== undefined) {
      // The bot has changed its message in place.
      shown.textContent = text;
      return;
    }
    const asked = askedBy(reply);
    const took = asked === undefined ? '' : `replied after ${seconds(at - asked.at)}`;
    shownReplies.set(key, addBubble(text, took, false).bubble);
    if (shownReplies.size > maxBubbles) shownReplies.delete(shownReplies.keys().next().value);
    if (asked === undefined) return;
    asked.waiting = false;
    summary.textContent = `last ${took}`;
    finish(asked);
  }

  function finish(message) {
    clearTimeout(message.timer);
    if (message.acknowledged !== undefined) setFact(message.fact, `${message.acknowledged}, answered`, 'good');
  }

  const shows = { message: showMessage, attempt: showAttempt, reply: showReply };

  // A reader who has scrolled up stays there, unless the visitor writes.
  function show(event) {
    const following = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    shows[event.kind]?.(event);
    if (following || event.kind === 'message') list.scrollTop = list.scrollHeight;
  }
  return { clear, show };
}

function setFact(fact, text, tone) {
  fact.textContent = text;
  fact.className = `fact ${tone}`;
}

function seconds(ms) {
  return ms < 1_000 ? `${Math.max(0, ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function prepareForm(form, platform) {
  const input = form.querySelector('textarea');
  const problem = form.querySelector('.problem');

  const complain = (text) => {
    problem.textContent = text;
    input.toggleAttribute('aria-invalid', text !== '');
  };
  form.addEventListener('submit', async (submit) => {
    submit.preventDefault();
    const text = input.value;
    input.focus();
    if (text.trim() === '') return complain('Type a message first.');
    complain('');
    input.value = '';
    const { error, body } = await postJson(`/api/${platform}/messages`, { text });
    // A message the bot did not take is told below its bubble.
    if (error === null || body.messageId !== undefined) return;
    complain(error);
    if (input.value === '') input.value = text;
  });
  input.addEventListener('input', () => complain(''));
  input.addEventListener('keydown', (key) => {
    // While an input method is composing, Enter takes its suggestion.
    if (key.key !== 'Enter' || key.shiftKey || key.isComposing) return;
    key.preventDefault();
    form.requestSubmit();
  });
}
