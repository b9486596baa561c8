// Renders coloured output of a terminal as HTML.
import { expect, test } from '@jest/globals';
import { coloursToHtml, terminalPage } from '../../../scripts/pictures/terminal-page.ts';

const ESC = '\u001b[';

test('keeps text without colours, and escapes HTML', () => {
  expect(coloursToHtml('a <b> & c\n  d')).toBe('a &lt;b&gt; &amp; c\n  d');
});

test('keeps the weight while a colour begins and ends inside', () => {
  expect(coloursToHtml(`${ESC}1m ${ESC}31mROOT${ESC}39m ID${ESC}22m end`)).toBe(
    '<span class="bold"> </span><span class="bold red">ROOT</span><span class="bold"> ID</span> end',
  );
});

test('rejects a code without a style', () => {
  expect(() => coloursToHtml(`${ESC}2J`)).toThrow('No style for ESC [ 2J. Add it to STYLES in terminal-page.ts.');
});

test('shows the command line above the output', () => {
  const page = terminalPage('./chatbot diagnose', `${ESC}32mok${ESC}39m\n`);
  expect(page).toContain('<pre>$ ./chatbot diagnose\n<span class="green">ok</span></pre>');
});
