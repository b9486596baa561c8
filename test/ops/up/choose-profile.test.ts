// Chooses the profile from facts about the machine.

import { describe, expect, test } from '@jest/globals';
import { chooseProfile, type ProfileFacts } from '../../../ops/up/choose-profile.ts';

const large = { state: 'ready', memoryMib: 4000 } as const;
const small = { state: 'ready', memoryMib: 3499 } as const;
const boundary = { state: 'ready', memoryMib: 3500 } as const;
const none = { state: 'no-client' } as const;

describe('chooses the profile', () => {
  test.each<[string, ProfileFacts, string]>([
    ['enough memory', { requested: undefined, running: undefined, docker: large }, 'full'],
    ['just enough memory', { requested: undefined, running: undefined, docker: boundary }, 'full'],
    ['too little memory', { requested: undefined, running: undefined, docker: small }, 'lite'],
    ['no docker', { requested: undefined, running: undefined, docker: none }, 'embedded'],
    ['embedded asked for', { requested: 'embedded', running: undefined, docker: large }, 'embedded'],
    ['lite asked for', { requested: 'lite', running: undefined, docker: large }, 'lite'],
    ['full asked for', { requested: 'full', running: undefined, docker: small }, 'full'],
    ['embedded runs', { requested: undefined, running: 'embedded', docker: large }, 'embedded'],
    ['lite runs', { requested: undefined, running: 'lite', docker: large }, 'lite'],
    ['full asked for while lite runs', { requested: 'full', running: 'lite', docker: large }, 'full'],
  ])('%s', (_, facts, profile) => {
    expect(chooseProfile(facts).profile).toBe(profile);
  });
});

describe('names the missing part of Docker and its fix', () => {
  test.each([
    ['no-client', /there is no docker command\..*\n.*install Docker Engine/],
    ['no-daemon', /its daemon does not answer\..*\n.*sudo systemctl start docker/],
    ['no-permission', /this user may not use it\..*\n.*usermod -aG docker/],
    ['no-compose', /its compose plugin is missing\..*\n.*docker-compose-plugin/],
  ] as const)('%s', (state, text) => {
    const { profile, reasons } = chooseProfile({ requested: undefined, running: undefined, docker: { state } });
    expect(profile).toBe('embedded');
    expect(reasons.join('\n')).toMatch(text);
  });
});

describe('rejects an impossible profile with a fix', () => {
  test.each<[string, ProfileFacts, RegExp]>([
    [
      'full without docker',
      { requested: 'full', running: undefined, docker: none },
      /full profile needs it.*\n.*PROFILE=embedded make up/,
    ],
    [
      'lite still up, docker gone',
      { requested: undefined, running: 'lite', docker: { state: 'no-daemon' } },
      /systemctl start docker/,
    ],
    [
      'embedded while full runs',
      { requested: 'embedded', running: 'full', docker: large },
      /full profile is running.*make down.*PROFILE=embedded make up/,
    ],
    [
      'full while embedded runs',
      { requested: 'full', running: 'embedded', docker: large },
      /embedded profile is running.*make down/,
    ],
  ])('%s', (_, facts, text) => {
    expect(() => chooseProfile(facts)).toThrow(text);
  });
});

test('reports too little memory with the numbers', () => {
  const facts = { running: undefined, docker: small };
  expect(chooseProfile({ ...facts, requested: undefined }).reasons).toEqual([
    'This machine has 3499 MiB of memory; the full profile needs 3500. Running the lite profile: Kibana is left out.',
  ]);
  expect(chooseProfile({ ...facts, requested: 'full' }).reasons).toEqual([
    'This machine has 3499 MiB of memory; the full profile needs 3500. Running it because you asked for it.',
  ]);
});
