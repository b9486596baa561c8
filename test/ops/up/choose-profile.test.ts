// Which profile runs, from facts about the machine.

import { describe, expect, test } from '@jest/globals';
import { chooseProfile, type ProfileFacts } from '../../../ops/up/choose-profile.ts';

const large = { state: 'ready', memoryMib: 4000 } as const;
const small = { state: 'ready', memoryMib: 3499 } as const;
const boundary = { state: 'ready', memoryMib: 3500 } as const;
const none = { state: 'no-client' } as const;

describe('the profile', () => {
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

describe('without a usable Docker, what is missing and how to get it is said', () => {
  test.each([
    ['no-client', /there is no docker command\..*\n.*install Docker Engine/],
    ['no-daemon', /its daemon does not answer\..*\n.*sudo systemctl start docker/],
    ['no-permission', /this user may not use it\..*\n.*usermod -aG docker/],
    ['no-compose', /its compose plugin is missing\..*\n.*docker-compose-plugin/],
  ] as const)('%s', (state, words) => {
    const { profile, because } = chooseProfile({ requested: undefined, running: undefined, docker: { state } });
    expect(profile).toBe('embedded');
    expect(because.join('\n')).toMatch(words);
  });
});

describe('is refused in words', () => {
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
  ])('%s', (_, facts, words) => {
    expect(() => chooseProfile(facts)).toThrow(words);
  });
});

test('too little memory is said, with the numbers', () => {
  const facts = { running: undefined, docker: small };
  expect(chooseProfile({ ...facts, requested: undefined }).because).toEqual([
    'This machine has 3499 MiB of memory; the full profile wants 3500. Running the lite profile: Kibana is left out.',
  ]);
  expect(chooseProfile({ ...facts, requested: 'full' }).because).toEqual([
    'This machine has 3499 MiB of memory; the full profile wants 3500. Running it because you asked for it.',
  ]);
});
