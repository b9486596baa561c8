// Lists the settings as plain rows, for the generated documents.
import type { SettingFacts } from './setting-kinds.ts';
import { GROUPS, type SettingName, settingFacts, settingNames, settingsSchema } from './settings.ts';

export interface SettingRow extends SettingFacts {
  name: SettingName;
  /** Heading of the group. */
  heading: string;
  /** Default as written in `.env`; empty if there is none. */
  defaultText: string;
}

/** Returns one row per setting, in the order of the table. */
export function describeSettings(): SettingRow[] {
  const defaults = settingsSchema.parse({});
  const headings: Record<string, string> = GROUPS;
  return settingNames().map((name) => {
    const facts = settingFacts(name);
    return { ...facts, name, heading: headings[facts.group] ?? facts.group, defaultText: String(defaults[name] ?? '') };
  });
}
