// Reads the compose file for the tests: anchors merged, variables as written.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { projectRoot } from '../../ops/installation/project-root.ts';

export const ROOT = `${projectRoot()}/`;

export interface Service {
  image: string;
  build?: { context: string };
  command?: string[];
  environment?: Record<string, string | null>;
  volumes?: (string | { type: string; source: string; target: string; read_only?: boolean })[];
  ports?: string[];
  networks?: string[];
  depends_on?: Record<string, { condition?: string }>;
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number; start_period: string };
  mem_limit?: string;
  pids_limit?: number;
  ulimits?: { nofile?: number };
  logging?: { driver: string; options: Record<string, string> };
  restart?: string;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  read_only?: boolean;
  user?: string;
  pid?: string;
  privileged?: boolean;
  network_mode?: string;
  container_name?: string;
}

export interface ComposeFile {
  name: string;
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
  networks: Record<string, { internal?: boolean } | null>;
}

export const composeText = readFileSync(`${ROOT}docker-compose.yml`, 'utf8');

export const composeFile: ComposeFile = parse(composeText, { merge: true });

const UNITS: Record<string, number> = { m: 1, mb: 1, mib: 1, g: 1024, gb: 1024, gib: 1024 };

/** Converts `192m`, `48MiB` or `1GB` to MiB. */
export function mebibytes(size: string): number {
  const [, number, unit] = /^(\d+)\s*([a-z]+)$/i.exec(size) ?? [];
  const factor = UNITS[unit?.toLowerCase() ?? ''];
  if (number === undefined || factor === undefined) throw new Error(`not a size: ${size}`);
  return Number(number) * factor;
}
