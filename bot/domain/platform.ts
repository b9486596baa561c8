// The chat platforms that the bot speaks to. Everything else about them is in bot/platforms/registry.ts.

export type Platform = 'feishu' | 'dingtalk';
