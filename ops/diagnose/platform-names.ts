// Display names of the platforms.

export const PLATFORM_NAMES: Record<string, string> = { feishu: 'Feishu', dingtalk: 'DingTalk' };
