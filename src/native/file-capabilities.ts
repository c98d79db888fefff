import { libc } from './libc.ts';

/** Whether a program gets capabilities when it is executed (capabilities(7), File capabilities). */
export function fileCapabilities(path: string): 'some' | 'none' {
  // struct vfs_ns_cap_data has 24 bytes.
  return libc.getxattr.unchecked(path, 'security.capability', Buffer.alloc(64), 64) > 0 ? 'some' : 'none';
}
