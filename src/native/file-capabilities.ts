import { libcFunction } from './koffi.ts';

const getxattr = libcFunction<[string, string, Buffer, number]>(
  'long getxattr(const char *path, const char *name, void *value, size_t size)',
);

/** Whether a program is given capabilities when it is executed (capabilities(7), File capabilities). */
export function fileCapabilities(path: string): 'some' | 'none' {
  // struct vfs_ns_cap_data has 24 bytes.
  return getxattr(path, 'security.capability', Buffer.alloc(64), 64) > 0 ? 'some' : 'none';
}
