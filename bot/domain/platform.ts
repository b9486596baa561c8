// The chat platforms that the bot speaks to.

export const PLATFORMS = ['feishu', 'dingtalk'] as const;
export type Platform = (typeof PLATFORMS)[number];
