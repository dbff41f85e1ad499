// What every page of the staff loads: htmx, the few parts of Bootstrap that the pages use, and one module per behaviour.
// All behaviours listen on the document, so what htmx swaps in works without being set up.
import 'htmx.org';
import 'bootstrap/js/dist/collapse';
import 'bootstrap/js/dist/dropdown';
import 'bootstrap/js/dist/tab';

import './csrf.js';
import './confirm.js'; // before once: a form that was not confirmed is not sent
import './dates.js';
import './failures.js';
import './files.js';
import './hints.js';
import './id-number.js';
import './inbox.js';
import './once.js';
import './open-dialog.js';
import './repeat.js';
import './said.js';
import './scrolls.js';
import './show-if.js';
import './tab-address.js';
import './unsaved.js';
