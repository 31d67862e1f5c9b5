'use strict';

// Loaded with `node --require`: tells the test which process to kill.
require('node:fs').writeFileSync(process.env.PID_FILE, String(process.pid));
