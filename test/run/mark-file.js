// Jest setup: adds the path of the test file to the mark, so that the file of a leftover process is known.

import { expect } from '@jest/globals';
import { MARK } from './mark.js';

// The environment of a test file is a copy, so other files of the same worker are not affected.
if (process.env[MARK]) process.env[MARK] += ` ${expect.getState().testPath}`;
