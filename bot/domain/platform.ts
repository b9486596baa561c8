// Ids of the chat platforms. bot/platforms/registry.ts contains the descriptor of each.

export type Platform = 'feishu' | 'dingtalk';
