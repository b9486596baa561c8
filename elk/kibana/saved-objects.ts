// What Kibana shows on its first day, as code: the data view of the bot's log lines and one saved search.

/** Fixed ids: links in alerts and runbooks name them. */
export const DATA_VIEW = {
  id: 'chatbot-logs',
  title: 'logs-chatbot.*-*',
  name: 'Chatbot logs',
  timeFieldName: '@timestamp',
} as const;

/** Every field named here exists in the index template. */
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

/** The import file: one object a line. Written at the oldest shape still taken, which newer Kibanas migrate by themselves. */
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
