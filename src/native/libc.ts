/** The functions of the C library that tcpclose calls, and numbers that several callers need. */
import { systemCall } from './call.ts';
import type { Struct } from './structs.ts';

// Numbers of asm-generic and of <netinet/in.h>.
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const SOL_SOCKET = 1;
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_MPTCP = 262;
export const SYS_pidfd_open = 434;

const ioctl = 'int ioctl(int fd, unsigned long request, ';

export const libc = {
  socket: systemCall<[domain: number, type: number, protocol: number]>(
    'int socket(int domain, int type, int protocol)',
  ),
  bind: systemCall<[number, Buffer, number]>('int bind(int fd, void *address, uint32_t size)'),
  listen: systemCall<[number, number]>('int listen(int fd, int backlog)'),
  accept: systemCall<[number, null, null, number]>(
    'int accept4(int fd, void *address, void *size, int flags)',
    'accept',
  ),
  connect: systemCall<[number, Buffer, number]>('int connect(int fd, void *address, uint32_t size)'),
  getsockname: systemCall<[number, Buffer, [number]]>(
    'int getsockname(int fd, void *address, _Inout_ uint32_t *size)',
  ),
  getsockopt: systemCall<[number, number, number, Buffer, [number]]>(
    'int getsockopt(int fd, int level, int name, void *value, _Inout_ uint32_t *size)',
  ),
  setsockopt: systemCall<[number, number, number, Buffer, number]>(
    'int setsockopt(int fd, int level, int name, void *value, uint32_t size)',
  ),
  shutdown: systemCall<[number, number]>('int shutdown(int fd, int how)'),
  send: systemCall<[number, Buffer, number, number]>('long send(int fd, void *data, size_t size, int flags)'),
  sendto: systemCall<[number, Buffer, number, number, Buffer, number]>(
    'long sendto(int fd, void *data, size_t size, int flags, void *address, uint32_t length)',
  ),
  recv: systemCall<[number, Buffer, number, number]>('long recv(int fd, void *data, size_t size, int flags)'),
  close: systemCall<[number]>('int close(int fd)'),
  fcntl: systemCall<[number, number, number]>('int fcntl(int fd, int command, int argument)'),
  ioctl: systemCall<[number, number, Buffer]>(`${ioctl}void *argument)`),
  ioctlNumber: systemCall<[number, number, number]>(`${ioctl}unsigned long argument)`),
  eventfd: systemCall<[number, number]>('int eventfd(unsigned int count, int flags)'),
  pipe2: systemCall<[Buffer, number]>('int pipe2(void *fds, int flags)'),
  memfd_create: systemCall<[Buffer, number]>('int memfd_create(void *name, unsigned int flags)'),
  ppoll: systemCall<[Buffer, number, Struct<'timespec'>, null]>(
    'int ppoll(void *fds, unsigned long count, timespec *timeout, void *signals)',
  ),
  clock_gettime: systemCall<[number, Struct<'timespec'>]>(
    'int clock_gettime(int clock, _Out_ timespec *time)',
  ),
  adjtimex: systemCall<[Buffer]>('int adjtimex(void *timex)'),

  pidfd_open: systemCall<[typeof SYS_pidfd_open, number, 0]>(
    'long syscall(long number, long pid, long flags)',
    'pidfd_open',
  ),
  pidfd_getfd: systemCall<[438, number, number, 0]>(
    'long syscall(long number, long pidfd, long fd, long flags)',
    'pidfd_getfd',
  ),
  seccomp: systemCall<[number, number, number, Buffer]>(
    'long syscall(long number, unsigned long operation, unsigned long flags, void *argument)',
    'seccomp',
  ),
  prctl: systemCall<[number, number, 0, 0, 0]>(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  ),
  waitpid: systemCall<[pid: number, status: null, options: number]>(
    'int waitpid(int pid, int *status, int options)',
  ),
  getrlimit: systemCall<[number, Struct<'rlimit'>]>('int getrlimit(int resource, _Out_ rlimit *limits)'),
  setrlimit: systemCall<[number, Struct<'rlimit'>]>('int setrlimit(int resource, rlimit *limits)'),
  sched_setscheduler: systemCall<[number, number, Buffer]>(
    'int sched_setscheduler(int pid, int policy, void *param)',
  ),
  // They return the previous id, and have no errno.
  setfsuid: systemCall<[number]>('int setfsuid(int uid)'),
  setfsgid: systemCall<[number]>('int setfsgid(int gid)'),

  unlinkat: systemCall<[number, Buffer, number]>('int unlinkat(int folder, void *name, int flags)'),
  getxattr: systemCall<[string, string, Buffer, number]>(
    'long getxattr(const char *path, const char *name, void *value, size_t size)',
  ),
  mount: systemCall<[string, string, string, number, null]>(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, void *data)',
  ),
};
