// Echo model used when MODEL_BASE_URL is not set.
import { type Language, languageOf } from '../domain/language.ts';
import type { Model } from './model.ts';

const sentences: Record<Language, (question: string, earlier: number) => string> = {
  en: (question, earlier) =>
    `You said: ${question}\n\nNo language model is set up, so I can only echo.${rememberedInEnglish(earlier)} /help lists what else I do.`,
  zh: (question, earlier) =>
    `您说的是：${question}\n\n尚未配置语言模型，我只能复述您的话。${earlier === 0 ? '' : `我还记得您之前的 ${earlier} 条消息。`}发送 /帮助 查看其他功能。`,
};

export function createOfflineModel(): Model {
  return {
    name: 'offline',
    kind: 'offline',
    async complete({ messages, language }) {
      const question = messages.at(-1)?.content ?? '';
      const earlier = messages.filter((message) => message.role === 'user').length - 1;
      return sentences[language ?? languageOf(withoutQuotation(question))](question, earlier);
    },
  };
}

function rememberedInEnglish(earlier: number): string {
  return earlier === 0 ? '' : ` I remember ${earlier} earlier message${earlier === 1 ? '' : 's'} of yours.`;
}

/** Removes quoted lines, because another person may have written them in another language. */
function withoutQuotation(text: string): string {
  return text.replaceAll(/^>.*$/gm, '');
}
