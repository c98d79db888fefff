import { compareWithLogs } from './logging/compare.ts';
import { quickServers } from './logging/servers.ts';

compareWithLogs(quickServers);
