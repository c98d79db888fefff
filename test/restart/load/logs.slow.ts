import { compareWithLogs } from './logging/compare.ts';
import { loggingServers } from './logging/servers.ts';

compareWithLogs(loggingServers);
