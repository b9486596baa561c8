// Detects placeholders that guides print instead of real values.

const PLACEHOLDERS = [
  /change[-_ ]?me/i,
  /placeholder/i,
  // your_secret_here, https://your-server-ip, yourdomain.com
  /(^|[^a-z0-9])your[-_. ]?[a-z]/i,
  // cli_xxx, dingxxxxxxxx, sk-xxx, https://xxx.example.com
  /(^|[^a-z0-9])x{3,}([^a-z0-9]|$)/i,
  /^[a-z]{1,10}[-_]?x{3,}$/i,
  /x{6,}/i,
  // sk-…, abc****
  /…|\.{3,}|\*{3,}/,
  // <app secret>, sk-<key>, ${NAME}, {{name}}, but not the < and > of a random password
  /(?<![\p{L}\d])[<＜][\p{L}\d][\p{L}\d _-]*[>＞](?![\p{L}\d])/u,
  /\$\{\w+\}|\{\{.*\}\}/,
  /^(todo|tbd|null|none|undefined|nil)$/i,
  /填写|填入|输入|替换|你的|您的|此处|这里/,
];

/**
 * Returns true for a placeholder. Random secrets rarely match: each pattern is rare in 43 random letters and digits.
 */
export function isPlaceholder(value: string): boolean {
  return PLACEHOLDERS.some((pattern) => pattern.test(value));
}
