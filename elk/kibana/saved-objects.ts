// Defines the Kibana objects: the data view of the bot's log lines and one saved search.

/** Data view of the log lines. The id is fixed, because links in alerts and runbooks contain it. */
export const DATA_VIEW = {
  id: 'chatbot-logs',
  title: 'logs-chatbot.*-*',
  name: 'Chatbot logs',
  timeFieldName: '@timestamp',
} as const;

/** Saved search of warnings and errors. Every field exists in the index template. */
export const PROBLEMS_SEARCH = {
  id: 'chatbot-problems',
  title: 'Chatbot: problems',
  description: 'Warnings and errors, newest first. Copy trace.id into the query to follow one message.',
  query: 'log.level: ("warn" or "error")',
  columns: [
    'log.level',
    'event.action',
    'event.reason',
    'chatbot.platform',
    'error.code',
    'message',
    'error.message',
    'trace.id',
  ],
} as const;

const SOURCE = 'kibanaSavedObjectMeta.searchSourceJSON.index';

/**
 * Returns the import file, one JSON object a line. Its versions are the oldest that Kibana still imports; newer
 * versions of Kibana migrate the objects, see
 * https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-saved-objects-import (read 2026-11).
 */
export function savedObjects(): string {
  const { id, title, description, query, columns } = PROBLEMS_SEARCH;
  const search = {
    type: 'search',
    id,
    managed: false,
    coreMigrationVersion: '8.8.0',
    typeMigrationVersion: '8.0.0',
    attributes: {
      title,
      description,
      columns,
      sort: [['@timestamp', 'desc']],
      grid: {},
      hideChart: false,
      isTextBasedQuery: false,
      timeRestore: false,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query, language: 'kuery' }, filter: [], indexRefName: SOURCE }),
      },
    },
    references: [{ name: SOURCE, type: 'index-pattern', id: DATA_VIEW.id }],
  };
  return `${JSON.stringify(search)}\n`;
}
