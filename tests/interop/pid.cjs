'use strict';

// Loaded with `node --require`: reports the process to kill to the test.
require('node:fs').writeFileSync(process.env.PID_FILE, String(process.pid));
