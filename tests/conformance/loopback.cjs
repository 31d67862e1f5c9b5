'use strict';

// Loaded with `node --require` into the suite. Its servers listen on all interfaces and ask for their port at once, so the address is
// replaced in the call that binds, which does not wait for anything.
const net = require('node:net');

const bind = net.Server.prototype._listen2;
net.Server.prototype._listen2 = function (address, port, type, ...rest) {
  return bind.call(this, '127.0.0.1', port, 4, ...rest);
};

// Stdin ends with the process that started the suite, even when that is killed. It keeps nothing running that is done.
process.stdin.resume().once('end', () => process.exit(1)).unref();
