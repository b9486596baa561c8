// One chat: its bubbles, what became of each message, and the form below.
import { postJson } from './post-json.js';

const patienceMs = 10_000;

/** Brings a chat section to life; `show` takes the lab's events (again without harm), `clear` empties the chat. */
export function createChat(section) {
  const list = section.querySelector('.messages');
  const summary = section.querySelector('.summary');
  prepareForm(section.querySelector('form'), section.dataset.platform);

  let mine = new Map();
  let shownReplies = new Set();

  function clear() {
    for (const message of mine.values()) clearTimeout(message.timer);
    mine = new Map();
    shownReplies = new Set();
    list.replaceChildren();
    summary.textContent = '';
  }

  function addBubble(text, isMine) {
    const following = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    const item = document.createElement('li');
    const bubble = document.createElement('div');
    const fact = document.createElement('p');
    item.className = isMine ? 'message mine' : 'message';
    bubble.className = 'bubble';
    bubble.dir = 'auto';
    bubble.textContent = text;
    fact.className = 'fact';
    item.append(bubble, fact);
    list.append(item);
    while (list.children.length > 200) list.firstElementChild.remove();
    if (following || isMine) list.scrollTop = list.scrollHeight;
    return fact;
  }

  function showMessage({ messageId, chatId, text, at }) {
    if (mine.has(messageId)) return;
    const fact = addBubble(text, true);
    fact.textContent = 'sent';
    mine.set(messageId, { fact, chatId, at, waiting: true });
  }

  function showAttempt({ messageId, ackMs, error, at }) {
    const message = mine.get(messageId);
    if (message === undefined) return;
    clearTimeout(message.timer);
    message.acknowledged = `acknowledged in ${ackMs} ms`;
    setFact(message.fact, error ?? message.acknowledged, error === null ? '' : 'bad');
    if (error !== null) return;
    if (!message.waiting) return finish(message);
    const left = Math.max(0, at + patienceMs - Date.now());
    message.timer = setTimeout(() => {
      setFact(message.fact, `${message.acknowledged}, but no reply yet. Run make diagnose`, 'bad');
    }, left);
  }

  // DingTalk does not say which message a reply is to, so the oldest waiting one of the chat it is.
  function showReply({ messageId, chatId, text, at }) {
    const key = `${messageId} ${at}`;
    if (shownReplies.has(key)) return;
    shownReplies.add(key);
    const asked = [...mine.values()].find((message) => message.waiting && message.chatId === chatId);
    const fact = addBubble(text, false);
    if (asked === undefined) return;
    asked.waiting = false;
    const took = `replied after ${seconds(at - asked.at)}`;
    fact.textContent = took;
    summary.textContent = `last ${took}`;
    finish(asked);
  }

  function finish(message) {
    clearTimeout(message.timer);
    if (message.acknowledged !== undefined) setFact(message.fact, `${message.acknowledged}, answered`, 'good');
  }

  const show = { message: showMessage, attempt: showAttempt, reply: showReply };
  return { clear, show: (event) => show[event.kind]?.(event) };
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
