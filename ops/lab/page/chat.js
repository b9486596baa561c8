// One chat: its bubbles, the delivery state of each message, and the form below.
import { postJson } from './post-json.js';

const replyWarningMs = 10_000;
const maxBubbles = 200;

/** Activates a chat section. `show` displays an event of the lab, repeatable without harm. `clear` empties the chat. */
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
    const left = Math.max(0, at + replyWarningMs - Date.now());
    message.timer = setTimeout(() => {
      setFact(message.fact, `${message.acknowledged}, but no reply yet. Run make diagnose`, 'bad');
    }, left);
  }

  // If the platform does not name the answered message, it is the oldest waiting message of the chat.
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
    const replyTime = asked === undefined ? '' : `replied after ${seconds(at - asked.at)}`;
    shownReplies.set(key, addBubble(text, replyTime, false).bubble);
    if (shownReplies.size > maxBubbles) shownReplies.delete(shownReplies.keys().next().value);
    if (asked === undefined) return;
    asked.waiting = false;
    summary.textContent = `last ${replyTime}`;
    finish(asked);
  }

  function finish(message) {
    clearTimeout(message.timer);
    if (message.acknowledged !== undefined) setFact(message.fact, `${message.acknowledged}, answered`, 'good');
  }

  const handlers = { message: showMessage, attempt: showAttempt, reply: showReply };

  // If the reader has scrolled up, keep the position, unless the visitor sends a message.
  function show(event) {
    const following = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    handlers[event.kind]?.(event);
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

  const showProblem = (text) => {
    problem.textContent = text;
    input.toggleAttribute('aria-invalid', text !== '');
  };
  form.addEventListener('submit', async (submit) => {
    submit.preventDefault();
    const text = input.value;
    input.focus();
    if (text.trim() === '') return showProblem('Type a message first.');
    showProblem('');
    input.value = '';
    const { error, body } = await postJson(`/api/${platform}/messages`, { text });
    // If the bot did not accept a message, the error is shown below its bubble.
    if (error === null || body.messageId !== undefined) return;
    showProblem(error);
    if (input.value === '') input.value = text;
  });
  input.addEventListener('input', () => showProblem(''));
  input.addEventListener('keydown', (key) => {
    // While an input method is composing, Enter accepts its suggestion.
    if (key.key !== 'Enter' || key.shiftKey || key.isComposing) return;
    key.preventDefault();
    form.requestSubmit();
  });
}
