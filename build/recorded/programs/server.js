const { createServer } = require('node:http');
const { writeFileSync } = require('node:fs');

createServer((_, response) => response.end('hello\n')).listen(8080, () => writeFileSync('.listening', ''));
