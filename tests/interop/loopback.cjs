'use strict';

// Loaded with `node --require` into every server that the interop tests start.
// These servers listen on all interfaces or on a port of their own, and not all have options for both: this binds each to the loopback
// interface, and to the port in the variable PORT. With port 0 the system picks a free port, so no two runs can clash; the line on stderr
// reports it to the tests.
const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  // A server that only tried whether its port is free is closed already.
  this.once('listening', () => this.address() && process.stderr.write(`\nloopback port ${this.address().port}\n`));
  process.stdin.resume();
  return listen.call(
    this, { port: Number(process.env.PORT ?? 0), host: '127.0.0.1' }, rest.find(argument => typeof argument === 'function'));
};

// Stdin ends with the process that started the server, even when that is killed, so no server outlives it.
process.stdin.once('end', () => process.exit(0));
