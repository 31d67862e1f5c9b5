'use strict';

// Runs nginx in front of two servers: `nginx.cjs DIRECTORY HTTP_PORT SSE_PORT`. nginx cannot ask the system for a free port, so this binds
// one (loopback.cjs reports it) and hands the socket on, as an nginx does that replaces itself.
const { spawn } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const [directory, http, sse] = process.argv.slice(2);
const server = net.createServer().listen(0, () => {
  writeFileSync(path.join(directory, 'nginx.conf'), `
    daemon off;
    pid nginx.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      client_body_temp_path body;
      fastcgi_temp_path fastcgi;
      proxy_temp_path proxy;
      scgi_temp_path scgi;
      uwsgi_temp_path uwsgi;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      server {
        listen 127.0.0.1:${server.address().port};
        location /mcp { proxy_pass http://127.0.0.1:${http}; }
        # An event stream that nginx gathers in a buffer does not arrive.
        location /sse { proxy_pass http://127.0.0.1:${sse}; proxy_buffering off; }
        location /message { proxy_pass http://127.0.0.1:${sse}; }
      }
    }`);
  const nginx = spawn('nginx', ['-p', directory, '-c', 'nginx.conf'], {
    stdio: ['ignore', 'inherit', 'inherit', server._handle.fd],
    // The folders of the system's programs are not on everybody's PATH.
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, NGINX: '3;' },
  });
  server.close();
  nginx.once('exit', code => process.exit(code ?? 1));
  nginx.once('error', error => { console.error(error.message); process.exit(1); });
  process.once('exit', () => nginx.kill());
});
