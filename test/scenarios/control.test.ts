import { firstOfTopics, testWithoutStimulus } from '../support/withheld.ts';

// The others are in control.ci.ts.
testWithoutStimulus(firstOfTopics);
