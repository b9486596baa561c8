// Lists the chat platforms. Their descriptors are in bot/platforms/registry.ts.

export type Platform = 'feishu' | 'dingtalk';
