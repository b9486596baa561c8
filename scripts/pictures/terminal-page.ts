// Renders the output of a command as an HTML page that looks like a terminal.

const ESCAPE = '\u001b[';

/** Styles that begin and end with these codes: https://man7.org/linux/man-pages/man4/console_codes.4.html */
const STYLES: Record<string, { kind: 'weight' | 'colour'; name: string }> = {
  1: { kind: 'weight', name: 'bold' },
  2: { kind: 'weight', name: 'dim' },
  22: { kind: 'weight', name: '' },
  31: { kind: 'colour', name: 'red' },
  32: { kind: 'colour', name: 'green' },
  33: { kind: 'colour', name: 'yellow' },
  39: { kind: 'colour', name: '' },
};

const STYLE_SHEET = `
body { margin: 0; background: #15171c; }
pre {
  display: inline-block; margin: 0; padding: 16px 20px; background: #15171c; color: #dfe2e8;
  font: 14px/1.45 ui-monospace, "DejaVu Sans Mono", monospace;
}
.bold { color: #ffffff; font-weight: bold; }
.dim { color: #8f97a6; }
.red { color: #ff8f85; }
.green { color: #6fcf97; }
.yellow { color: #f2c94c; }
`;

/** Returns a page whose only element is a `pre` with the command line and its output. */
export function terminalPage(commandLine: string, output: string): string {
  const text = `${escapeHtml(`$ ${commandLine}`)}\n${coloursToHtml(output.trimEnd())}`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Terminal</title><style>${STYLE_SHEET}</style></head><body><pre>${text}</pre></body></html>`;
}

/**
 * Replaces the colour codes of a terminal by `span` elements.
 * @throws Error for a code that has no style here, because the picture would differ from the terminal
 */
export function coloursToHtml(output: string): string {
  const active = { weight: '', colour: '' };
  const [start = '', ...parts] = output.split(ESCAPE);
  const spans = parts.map((part) => {
    const [, code = '', text = ''] = /^(\d+)m(.*)$/s.exec(part) ?? [];
    const style = STYLES[code];
    if (!style) throw new Error(`No style for ESC [ ${part.slice(0, 8)}. Add it to STYLES in terminal-page.ts.`);
    active[style.kind] = style.name;
    const names = [active.weight, active.colour].filter((name) => name !== '').join(' ');
    return names === '' || text === '' ? escapeHtml(text) : `<span class="${names}">${escapeHtml(text)}</span>`;
  });
  return escapeHtml(start) + spans.join('');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
