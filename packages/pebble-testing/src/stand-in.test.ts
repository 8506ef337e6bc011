/** @module The stand-in does what the table says. */
import { describeBehaviours } from './behaviours/suite.ts';

describeBehaviours('stand-in');
