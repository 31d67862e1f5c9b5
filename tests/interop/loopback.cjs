'use strict';

// Loaded with `node --require` into every server that the interop tests start.
// These servers listen on all interfaces and most have no option for it: this binds each to the loopback interface.
// With port 0 the system picks a free port, so no two runs can clash; the line on stderr reports it to the tests.
const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  this.once('listening', () => process.stderr.write(`\nloopback port ${this.address().port}\n`));
  process.stdin.resume();
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, rest.find(argument => typeof argument === 'function'));
};

// Stdin ends with the process that started the server, even when that is killed, so no server outlives it.
process.stdin.once('end', () => process.exit(0));
