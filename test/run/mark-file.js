// Jest setup: adds the path of the test file to the mark, so that a leftover process names the file that started it.

import { expect } from '@jest/globals';
import { MARK } from './mark.js';

// The environment of a test file is a copy: other files of the same worker keep theirs.
if (process.env[MARK]) process.env[MARK] += ` ${expect.getState().testPath}`;
