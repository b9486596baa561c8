// What is put into Kibana names only fields that are mapped, and has the shape the import asks for.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { DATA_VIEW, PROBLEMS_SEARCH, savedObjects } from '../../../elk/kibana/saved-objects.ts';

interface Mapping {
  type?: string;
  properties?: Record<string, Mapping>;
}

const path = fileURLToPath(new URL('../../../elk/elasticsearch/index-template.json', import.meta.url));
const template: { index_patterns: string[]; template: { mappings: Mapping } } = JSON.parse(readFileSync(path, 'utf8'));

function fieldsOf({ properties = {} }: Mapping, prefix = ''): string[] {
  return Object.entries(properties).flatMap(([name, mapping]) =>
    mapping.properties ? fieldsOf(mapping, `${prefix}${name}.`) : [prefix + name],
  );
}

const fields = fieldsOf(template.template.mappings);
const lines = savedObjects().split('\n');
const objects: Record<string, unknown>[] = lines.filter((line) => line !== '').map((line) => JSON.parse(line));

test('the data view covers what the template covers, by a time field that is mapped', () => {
  expect(template.index_patterns).toEqual([DATA_VIEW.title]);
  expect(fields).toContain(DATA_VIEW.timeFieldName);
});

test.each([
  ...PROBLEMS_SEARCH.columns,
  ...[...PROBLEMS_SEARCH.query.matchAll(/([\w.]+):/g)].map(([, name = '']) => name),
])('the search names %s, which is mapped', (field) => {
  expect(fields).toContain(field);
});

test('the file ends with its last object', () => {
  expect([lines.at(-1), objects.length]).toEqual(['', 1]);
});

describe.each(objects.map((object) => [object.id, object] as const))('%s', (_id, object) => {
  test('carries the versions without which Kibana takes it for ancient', () => {
    expect(object).toMatchObject({ coreMigrationVersion: '8.8.0', typeMigrationVersion: '8.0.0', managed: false });
  });

  test('refers to the data view by the name its source uses', () => {
    const { kibanaSavedObjectMeta } = object.attributes as { kibanaSavedObjectMeta: { searchSourceJSON: string } }; // written by savedObjects()
    const { indexRefName } = JSON.parse(kibanaSavedObjectMeta.searchSourceJSON);
    expect(object.references).toEqual([{ name: indexRefName, type: 'index-pattern', id: DATA_VIEW.id }]);
  });
});
