import { firstOfTopics, testWithoutStimulus } from '../support/withheld.ts';

// The others are in control.slow.ts.
testWithoutStimulus(firstOfTopics);
