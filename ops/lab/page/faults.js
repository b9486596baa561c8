// The panel of faults, with one switch each.
import { postJson } from './post-json.js';

/** Creates the panel. `load` shows all faults, `set` shows one change. */
export function createFaultPanel(panel) {
  const list = panel.querySelector('#faults');
  const fixAll = panel.querySelector('#fix-all');
  const problem = panel.querySelector('#fault-problem');

  function refresh() {
    const broken = list.querySelector(':checked') !== null;
    panel.classList.toggle('broken', broken);
    fixAll.hidden = !broken;
  }

  function set(name, on) {
    const input = list.querySelector(`input[name="${CSS.escape(name)}"]`);
    if (input !== null) input.checked = on;
    refresh();
  }

  async function change(name, on) {
    const { error } = await postJson(`/api/faults/${name}`, { on });
    problem.hidden = error === null;
    problem.textContent = error ?? '';
    set(name, error === null ? on : !on);
  }

  function load(faults) {
    if (list.children.length === 0) list.append(...faults.map(createSwitch));
    for (const fault of faults) set(fault.name, fault.on);
  }

  function createSwitch(fault) {
    const row = document.createElement('label');
    const input = document.createElement('input');
    row.className = 'fault';
    input.type = 'checkbox';
    input.name = fault.name;
    input.addEventListener('change', () => change(fault.name, input.checked));
    row.append(input, part('fault-label', fault.label), part('fault-sentence', fault.sentence));
    return row;
  }

  fixAll.addEventListener('click', async () => {
    for (const input of list.querySelectorAll(':checked')) await change(input.name, false);
    list.querySelector('input')?.focus();
  });
  return { load, set };
}

function part(className, text) {
  const span = document.createElement('span');
  span.className = className;
  span.textContent = text;
  return span;
}
