import { others, testWithoutStimulus } from '../support/withheld.ts';

testWithoutStimulus(others);
