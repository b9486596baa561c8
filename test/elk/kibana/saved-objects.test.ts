// Checks that the Kibana objects name mapped fields only, and have the shape that the import requires.
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

test('the data view has the index pattern of the template and a mapped time field', () => {
  expect(template.index_patterns).toEqual([DATA_VIEW.title]);
  expect(fields).toContain(DATA_VIEW.timeFieldName);
});

test.each([
  ...PROBLEMS_SEARCH.columns,
  ...[...PROBLEMS_SEARCH.query.matchAll(/([\w.]+):/g)].map(([, name = '']) => name),
])('the search uses %s, which is a mapped field', (field) => {
  expect(fields).toContain(field);
});

test('the file ends with a newline after its last object', () => {
  expect([lines.at(-1), objects.length]).toEqual(['', 1]);
});

describe.each(objects.map((object) => [object.id, object] as const))('%s', (_id, object) => {
  test('has the versions that Kibana needs to skip old migrations', () => {
    expect(object).toMatchObject({ coreMigrationVersion: '8.8.0', typeMigrationVersion: '8.0.0', managed: false });
  });

  test('refers to the data view by the name its source uses', () => {
    const { kibanaSavedObjectMeta } = object.attributes as { kibanaSavedObjectMeta: { searchSourceJSON: string } }; // written by savedObjects()
    const { indexRefName } = JSON.parse(kibanaSavedObjectMeta.searchSourceJSON);
    expect(object.references).toEqual([{ name: indexRefName, type: 'index-pattern', id: DATA_VIEW.id }]);
  });
});
