// The model of a bot that has none: it answers at once and says what it is.
import type { Model } from './model.ts';

export function createOfflineModel(): Model {
  return {
    name: 'offline',
    kind: 'offline',
    async complete({ messages }) {
      const said = messages.at(-1)?.content ?? '';
      const earlier = messages.filter((message) => message.role === 'user').length - 1;
      const memory = earlier === 0 ? '' : ` I remember ${earlier} earlier message${earlier === 1 ? '' : 's'} of yours.`;
      return `You said: ${said}\n\nNo language model is set up, so I can only echo.${memory} /help lists what else I do.`;
    },
  };
}
